/** Where each page was left: it is taken up again there, after another page and after a restart. */
import { route } from './route.svelte.ts'
import { settings } from './settings.svelte.ts'

const kept = (): Readonly<Record<string, string>> => (settings.layout('visits') ?? {}) as Record<string, string>

export const visits = {
  /** The address under which a page is opened. */
  addressOf: (page: string): string => kept()[page] ?? `/${page}`,
  /** Keep the address of the page that is shown. */
  keep(): void {
    const { page, address } = route
    if (kept()[page] !== address) settings.remember('visits', { ...kept(), [page]: address })
  }
}
