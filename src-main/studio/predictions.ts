import { judge } from '../../src-shared/findings/prediction.ts'
import type { Store } from '../store/store.ts'

/** Judge a run's predictions now that every trial of it has ended. @returns lines for its log */
export function judgeRun({ read, write }: Store, id: string, time: string): string[] {
  const open = read.predictions(id)
  if (!open.some(({ judgement }) => judgement === null)) return []
  const cells = read.results(id)
  const judgements = open.map(({ prediction, judgement }) => judgement ?? judge(prediction, cells))
  write.judgePredictions(id, judgements, time)
  return judgements.flatMap(({ verdict }, i) =>
    open[i].judgement ? [] : [`Prediction ${i + 1} (${open[i].prediction.metric}): ${verdict}.`]
  )
}
