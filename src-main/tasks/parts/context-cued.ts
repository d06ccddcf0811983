/**
 * A key-value memory as a subject of free recall. The task keeps the context; the memory is what binds it to the items:
 *
 *   study:  c drifts by beta toward the item's own context e_i, then the memory stores c -> v_i
 *   cue:    a_i = gain max(0, cos(retrieve(c), v_i))
 *   recall: c drifts by beta toward unit((1-gamma) e_i + gamma c_i), c_i the context in which the item was studied
 *
 * A linear associator so becomes the M^CF of the temporal context model.
 */
import * as tf from '@tensorflow/tfjs'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { number } from '../../../src-shared/shapes/params.ts'
import { stack } from '../../tensors/random/draws.ts'
import { drift, norm } from '../../models/parts/recall/drift.ts'
import type { Decision } from '../../models/parts/recall/decision.ts'
import { cmrPresets } from '../../models/parts/recall/presets.ts'
import type { TaskContext } from '../task.ts'
import { cosines, targetsOf } from './judge.ts'
import { distraction, type Distraction, type WordParams, type Words } from './recall-lists.ts'
import { dimParam } from './sources.ts'
import { rows, withTensors } from './tensors.ts'

export const contextCuedParams = {
  dim: { ...dimParam, help: 'For key-value memories: length of a context (the key) and of a word (the value).' },
  drift: number('Context drift', 0.6, {
    help: 'For key-value memories: how far each item moves the context.',
    min: 0,
    max: 1,
    symbol: '\\beta'
  }),
  gain: number('Gain', 2, {
    help: 'For key-value memories: activation of a word whose cosine to what was retrieved is 1.',
    min: 0,
    max: 100
  })
}

const { kappa, lambda, eta, tau } = cmrPresets.full
/** Key-value memories decide as CMR does. */
export const memoryDecision: Decision = { kind: 'accumulator', kappa, lambda, eta, tau, dt: 100 }

/** Share of the studied context in what an item brings back. */
const gamma = 0.5

export interface ContextCued extends Distraction {
  items: number
  /** Words that are not studied, after the items: lures. */
  lures?: number
  dim: number
  drift: number
  gain: number
}

export interface CuedList {
  /** For each trial the activation of every word, [items + lures]. */
  activations(): Promise<Float64Array[]>
  /** An item was recalled in this trial. */
  recalled(trial: number, item: number): void
}

/**
 * Study one list in every trial of the batch and test it.
 * @throws StudioError bad-input when imported words have another dimension
 */
export function contextCuedList<T>(
  context: TaskContext,
  { items, lures = 0, distractors, schedule, dim, drift: beta, gain, ...words }: ContextCued & WordParams,
  { rows: imported }: Words,
  test: (list: CuedList) => Promise<T>
): Promise<T> {
  const { batch, random } = context
  const all = items + lures
  const { between, after } = distraction({ distractors, schedule })
  const first = items + after
  const units = first + between * (items - 1) + 1
  const own = random.normal('own contexts', units * dim)
  const input = (b: number, k: number): Float64Array =>
    Float64Array.from(own.subarray((b * units + k) * dim, (b * units + k + 1) * dim))
  const values = imported ? joined(imported, all, dim) : wordVectors(context, all, dim, words)
  const studied = new Float32Array(batch * items * dim)
  const now = Array.from({ length: batch }, (_, b) => {
    const c = input(b, units - 1)
    const length = norm(c)
    for (let j = 0; j < dim; j++) c[j] /= length
    for (let i = 0; i < items; i++) {
      if (i > 0) for (let k = 0; k < between; k++) drift(c, input(b, first + (i - 1) * between + k), beta)
      drift(c, input(b, i), beta)
      studied.set(c, (b * items + i) * dim)
    }
    for (let k = 0; k < after; k++) drift(c, input(b, items + k), beta)
    return c
  })
  return withTensors(async (keep) => {
    const memory = context.memory()
    memory.reset()
    const pool = keep(rows(values, batch, dim))
    const study = keep(pool.slice([0, 0, 0], [-1, items, -1]))
    memory.store!({ keys: keep(rows(studied, batch, dim)), values: study })
    const candidates = keep(targetsOf(memory, pool))
    return test({
      async activations() {
        const cue = rows(Float32Array.from(now.flatMap((c) => [...c])), batch, dim)
        const retrieved = memory.retrieve!({ queries: cue })
        const similar = cosines(retrieved, candidates)
        const data = await similar.data()
        tf.dispose([cue, retrieved, similar])
        return now.map((_, b) =>
          Float64Array.from(data.subarray(b * all, (b + 1) * all), (cos) => gain * Math.max(0, cos))
        )
      },
      recalled(b, item) {
        const back = input(b, item)
        const length = norm(back)
        const at = (b * items + item) * dim
        for (let j = 0; j < dim; j++) back[j] = ((1 - gamma) * back[j]) / length + gamma * studied[at + j]
        drift(now[b], back, beta)
      }
    })
  })
}

function joined(imported: readonly Float32Array[], n: number, dim: number): Float32Array {
  const columns = imported[0].length / n
  if (columns !== dim)
    throw new StudioError('bad-input', `The imported words have ${columns} columns; set the dimension to ${columns}.`, {
      field: 'task.params.dim'
    })
  return stack(imported, Float32Array)
}

/** Word vectors [batch, n, dim]; similar words share a part, so that their mean cosine is the mean similarity. */
function wordVectors(
  { batch, random }: TaskContext,
  n: number,
  dim: number,
  { words, similarityMean }: WordParams
): Float32Array {
  const size = n * dim
  const out = random.normal('word vectors', size)
  const r = words === 'similar' ? Math.max(0, similarityMean) : 0
  const shared = random.normal('shared meaning', dim)
  const [a, b] = [Math.sqrt(r), Math.sqrt(1 - r)]
  for (let i = 0; i < batch * size; i++) out[i] = a * shared[Math.floor(i / size) * dim + (i % dim)] + b * out[i]
  return out
}
