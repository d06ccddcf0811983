/**
 * One process of `npm run bench -- sequence`: trains a block on associative recall for some seeds, as one batch on this
 * thread. Arguments: model, its parameters as JSON, width, seeds, steps, warm-up steps. Prints milliseconds a seed and step
 * as JSON, by the clock and of the thread's CPU time.
 */
import { taskDims } from '../../src-shared/grid/cell.ts'
import { fillParams, type ParamValues } from '../../src-shared/shapes/params.ts'
import { runBatch } from '../../src-main/engine/worker/runner.ts'
import { useBackend } from '../../src-main/tensors/backends/index.ts'
import { registry } from '../support/drive-memory.ts'
import { threadTime } from '../support/timed-memory.ts'

const [model, given, ...numbers] = process.argv.slice(2)
const [dim, seeds, steps, warm] = numbers.map(Number)
const filled = (values: ParamValues, errors: readonly unknown[]): ParamValues => {
  if (errors.length) throw new Error(JSON.stringify(errors))
  return values
}
const task = registry.task('associative-recall')
const kinds = (kind: string) => registry.model(kind).params
const asked = fillParams(
  task.params,
  { dim, steps: warm + steps, stopAt: 1.1, saveEvery: 1_000_000 },
  'task',
  undefined,
  kinds
)
const taskParams = filled(asked.values, asked.errors)
const own = fillParams(
  registry.model(model).params,
  JSON.parse(given) as ParamValues,
  'model',
  taskDims(taskParams),
  kinds
)
const params = filled(own.values, own.errors)

await useBackend('wasm')
/** The clocks at the beginning of each step that counts. */
const at: { wall: number; cpu: number }[] = []
let asks = 0
const [{ error, metrics, series }] = await runBatch(
  task,
  { index: 0, use: 0, label: model, model, params, taskParams, point: {} },
  Array.from({ length: seeds }, (_, seed) => seed),
  'philox',
  {
    registry,
    // The trainer asks before every step.
    checkCancelled: () => {
      if (asks++ >= warm) at.push({ wall: performance.now(), cpu: threadTime() })
    }
  }
)
if (error) throw new Error(error.message)
const [first, last] = [at[0], at[at.length - 1]]
const each = 1 / (at.length - 1) / seeds
console.log(
  JSON.stringify({
    wall: (last.wall - first.wall) * each,
    cpu: (last.cpu - first.cpu) * each,
    accuracy: series.accuracy.y.at(-1) ?? metrics.accuracy
  })
)
