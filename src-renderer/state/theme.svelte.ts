import { settings } from './settings.svelte.ts'

const system = matchMedia('(prefers-color-scheme: dark)')

/** The theme in force: the setting, or the system's. */
class Theme {
  #systemDark = $state(system.matches)

  constructor() {
    system.addEventListener('change', () => (this.#systemDark = system.matches))
  }

  get dark(): boolean {
    const { theme } = settings.current
    return theme === 'system' ? this.#systemDark : theme === 'dark'
  }
}

export const theme = new Theme()
