/** Sites an external link may lead to: where the sources of models and tasks are published. */
const sites: readonly string[] = ['https://doi.org', 'https://arxiv.org']

/** Whether the desktop may hand this address to the system's browser. */
export function isAllowedLink(address: string): boolean {
  if (!URL.canParse(address)) return false
  const url = new URL(address)
  return sites.includes(url.origin) && url.username === '' && url.password === ''
}
