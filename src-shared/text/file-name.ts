/** `Capacity, dim = 64` as `capacity-dim-64`: letters, digits and dashes only, so that no name becomes a path. */
export const slugOf = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase()
    .slice(0, 80)
    .replace(/^-+|-+$/g, '')
