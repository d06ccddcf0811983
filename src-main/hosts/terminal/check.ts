/** `engram check`: a walk over everything that is stored. */
import type { Damage, Mended } from '../../store/check.ts'
import { withStudio } from './session.ts'
import { plural } from '../../../src-shared/text/numbers.ts'

export interface CheckReport {
  /** SQLite's own check and that of every sum: 'ok', or what is wrong. */
  database: string
  damages: Damage[]
  /** What was done about it, where that was asked for. */
  mended?: Mended
}

/** @throws StudioError store-locked while a studio has the folder open */
export const checkData = (data: string, mend: boolean): Promise<CheckReport> =>
  withStudio(data, 'change', async ({ store }) => {
    const damages = store.damages()
    const mended = mend && damages.length ? store.mend() : undefined
    return Promise.resolve({ database: store.check(), damages, ...(mended && { mended }) })
  })

/** One line for each thing that is damaged, then what was done, then how it stands. */
export function checkText({ database, damages, mended }: CheckReport): string {
  return [
    ...damages.map(({ what, run, where }) => `damaged: ${what}${run === null ? '' : ` of run ${run}`} (${where})`),
    ...(mended
      ? [
          `${mended.restored} restored from backups`,
          ...mended.missing.map(
            ({ run, trials }) =>
              `${plural(trials, 'trial is', 'trials are')} in no backup; compute what is missing: engram resume ${run}`
          ),
          ...mended.left.map(({ what, where }) => `not in any backup: ${what} (${where})`)
        ]
      : []),
    `database: ${database}`
  ].join('\n')
}
