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

/**
 * The colour a token of theme.css has now, as `rgb(...)`, for a canvas that cannot read CSS: `tokenColour('--line')`.
 * Read it again when `theme.dark` changes.
 */
export function tokenColour(token: `--${string}`): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
