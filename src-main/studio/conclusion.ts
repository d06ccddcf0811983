/** What the end of a run says of all its trials: which model was best, and whether its predictions held. */
import type { TaskInfo } from '../../src-shared/shapes/catalog.ts'
import type { RunRow } from '../../src-shared/shapes/run.ts'
import type { Judgement } from '../../src-shared/shapes/prediction.ts'
import { judge } from '../../src-shared/findings/prediction.ts'
import type { Store, StoreReader } from '../store/store.ts'
import { scaledResults } from './results.ts'

/** What is asked of a run that ends. */
export interface Concluding {
  id: string
  /** What its task says of its metrics, by the main one of which models are compared; none where nothing is known. */
  task: TaskInfo | undefined
  /** Whether every trial of it has ended, so that its predictions can be judged. */
  whole: boolean
}

export interface Conclusion {
  best: RunRow['best']
  /** One for each prediction, those that were judged before as they were; none where none is open. */
  judgements: Judgement[]
}

export function conclusion(read: StoreReader, { id, task, whole }: Concluding): Conclusion {
  const predictions = whole ? read.predictions(id) : []
  const open = predictions.some(({ judgement }) => judgement === null)
  const cells = open ? scaledResults(id, read, { tasks: task ? [task] : [] }) : []
  const metric = task?.metrics.find(({ name }) => name === task.mainMetric)
  return {
    best: metric ? read.bestModel(id, metric.name, metric.direction) : null,
    judgements: open ? predictions.map(({ prediction, judgement }) => judgement ?? judge(prediction, cells)) : []
  }
}

/** Store what its predictions came to. @returns lines for its log */
export function judged({ read, write }: Store, id: string, judgements: readonly Judgement[], time: string): string[] {
  if (judgements.length === 0) return []
  const before = read.predictions(id)
  write.judgePredictions(id, judgements, time)
  return judgements.flatMap(({ verdict }, i) =>
    before[i].judgement ? [] : [`Prediction ${i + 1} (${before[i].prediction.metric}): ${verdict}.`]
  )
}
