/** `engram rerun RUN`: a sample of a run's trials computed again. */
import type { Backend } from '../../../src-shared/shapes/machine.ts'
import { rerunLines, type RerunCheck } from '../../../src-shared/exchange/rerun.ts'
import type { OwnCode } from '../own-code.ts'
import { withStudio } from './session.ts'
import { numberText } from '../../../src-shared/text/numbers.ts'

export interface RerunOptions extends OwnCode {
  data: string
  sample: number
  draw: number
  backend?: Backend['name']
}

/** @throws StudioError not-found, conflict without a finished trial, backend-unavailable */
export const rerun = (id: string, { data, sample, draw, backend, ...own }: RerunOptions): Promise<RerunCheck> =>
  withStudio(data, 'change', ({ ask }) => ask('runs.rerun', { id, sample, draw, ...(backend && { backend }) }), own)

/** What drifted, then the sum for each backend. */
export function rerunText(check: RerunCheck): string {
  const drifted = check.trials.filter(({ verdict }) => verdict === 'drifted')
  return [
    ...drifted.map(
      ({ model, point, seed, before, after, worst }) =>
        `drifted: ${model}, ${Object.entries(point)
          .map(([name, value]) => `${name} = ${value}, `)
          .join(
            ''
          )}seed ${seed}: ${worst?.metric ?? 'status'} ${text(worst?.before)} (${before}), now ${text(worst?.after)} (${after})`
    ),
    ...rerunLines(check),
    `Within tolerance: ${check.tolerance}.`
  ].join('\n')
}

const text = (value: number | null | undefined): string => (value == null ? 'none' : numberText(value))
