import type { Ink } from './chart-config.ts'

const inks = new Map<boolean, Ink>()

/** The tokens of theme.css as colours for a canvas, in the light or the dark scheme, whichever is shown now. */
export function inkIn(dark: boolean): Ink {
  let ink = inks.get(dark)
  if (!ink) {
    const probe = document.createElement('span')
    probe.style.colorScheme = dark ? 'dark' : 'light'
    document.body.append(probe)
    const colour = (token: string): string => {
      probe.style.color = `var(${token})`
      return getComputedStyle(probe).color
    }
    ink = { text: colour('--text-soft'), grid: colour('--line'), background: colour('--surface') }
    probe.remove()
    inks.set(dark, ink)
  }
  return ink
}
