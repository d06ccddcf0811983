/** What HTML, LaTeX and the page say of a part of a report in the same words. */
import { crossingText, type DerivedRow } from '../findings/crossing.ts'
import { plural } from '../text/numbers.ts'

/** Both ends beyond the grid are said once. */
export function rangeText({ low, high }: Pick<DerivedRow, 'low' | 'high'>): string {
  if (!low || !high) return 'none (n = 1)'
  const [from, to] = [crossingText(low), crossingText(high)]
  return from === to ? from : `${from} to ${to}`
}

/** Trials that have no number; nothing where all have. */
export const unfinishedText = (trials: number): string =>
  trials > 0
    ? `${plural(trials, 'trial')} did not finish (diverged, failed or not run): listed in the data and never averaged in.`
    : ''

/** What is said with a table that was kept. */
export const noteOf = ({ note }: { note: string }, caption: string): string => [caption, note].filter(Boolean).join(' ')
