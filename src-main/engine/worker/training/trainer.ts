/** Trains the tested model of a batch of trials, each with its own weights, data, steps and end. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import type { Trace, WeightSource } from '../../../models/model.ts'
import type { CurvePoint } from '../../worker-calls.ts'
import type { Registry } from '../registry.ts'
import { readCheckpoint, writeCheckpoint, type TrialState } from './checkpoint.ts'
import { languageModel, stackCost, stackOf, type Tested } from './language-model.ts'
import { adamW, rateAt, type OptimiserState } from './optimiser.ts'
import { crossEntropy } from './pick.ts'
import type { Answers, Examples, Trained, TrainingPlan } from '../../../tasks/training-plan.ts'

/** Points of a learning curve at most. */
const curvePoints = 100
/** Windows in a row over which the accuracy must hold before a trial stops early. */
const lastWindows = 2

export interface TrainerDeps {
  registry: Registry
  tested: Tested
  weight: WeightSource
  /** Rows of what `weight` draws, and how many of them are trials of their own; the rest are copies. */
  batch: number
  trials: number
  checkCancelled(): void
  /** The examples come from one running generator, not from a stream for each step. */
  replay: boolean
  /** A trial's checkpoint from a run that was interrupted. */
  checkpoint(trial: number): Uint8Array | undefined
  /** Given the state of all trials every `plan.saveEvery` steps. */
  save(states: () => Uint8Array[]): void
  /** The newest points of the curves: those of each trial that are new since the last call. */
  report(points: CurvePoint[]): void
}

interface Slot {
  name: string
  shape: readonly number[]
  offset: number
  size: number
}

/** @throws StudioError cancelled, diverged when every trial has, not-supported for a model that cannot be trained */
export async function train(plan: TrainingPlan, deps: TrainerDeps): Promise<Trained> {
  const { batch, trials } = deps
  refuseUntrainable(deps, plan)
  const { slots, states } = initial(plan, deps)
  const decayed = new Uint8Array(states[0].weights.length)
  for (const { shape, offset, size } of slots) if (shape.length > 1) decayed.fill(1, offset, offset + size)
  const window = Math.max(1, Math.round(plan.steps / curvePoints))
  let taken = 0
  // A running generator is brought to where it stood; one of named streams stands at every step.
  if (deps.replay) for (let step = 0; step < next(states).step; step++) plan.examples(step)
  for (;;) {
    const { active } = next(states)
    if (active.length === 0) break
    deps.checkCancelled()
    await oneStep(plan, deps, slots, states, active, decayed)
    const fresh = active.flatMap((trial) => closeWindow(states[trial], trial, window, plan))
    if (fresh.length) deps.report(fresh)
    if (++taken % plan.saveEvery === 0) deps.save(() => states.map(writeCheckpoint))
  }
  return trained(
    plan,
    deps,
    slots,
    Array.from({ length: batch }, (_, row) => states[row % trials])
  )

  function initial(plan: TrainingPlan, deps: TrainerDeps): { slots: Slot[]; states: TrialState[] } {
    const slots: Slot[] = []
    const drawn: Float32Array[] = []
    let offset = 0
    const model = languageModel(
      deps.registry,
      deps.tested,
      plan,
      { trials: batch, sequences: 1 },
      (name, shape, init) => {
        const tensor = deps.weight(name, shape, init)
        const size = tensor.size / batch
        slots.push({ name, shape, offset, size })
        drawn.push(tensor.dataSync<'float32'>().slice())
        offset += size
        return tensor
      }
    )
    model.dispose()
    const states = Array.from({ length: trials }, (_, trial): TrialState => {
      const saved = deps.checkpoint(trial)
      const found = saved && readCheckpoint(saved, offset)
      if (found) return found
      const weights = new Float32Array(offset)
      slots.forEach(({ offset, size }, i) => weights.set(drawn[i].subarray(trial * size, (trial + 1) * size), offset))
      return {
        ...{ weights, mean: new Float32Array(offset), square: new Float32Array(offset) },
        ...{ step: 0, finished: plan.steps === 0, diverged: false, curve: [], window: [0, 0, 0] }
      }
    })
    return { slots, states }
  }
}

/** The trials that are furthest behind: those that were interrupted later wait, so that every step is drawn once. */
function next(states: readonly TrialState[]): { step: number; active: number[] } {
  const open = [...states.keys()].filter((trial) => !states[trial].finished)
  const step = Math.min(...open.map((trial) => states[trial].step))
  return { step, active: open.filter((trial) => states[trial].step === step) }
}

function refuseUntrainable({ registry, tested }: TrainerDeps, plan: TrainingPlan): void {
  const { blocks } = stackOf(registry, tested, plan) as unknown as { blocks: { kind: string }[] }
  for (const { kind } of blocks) {
    const model = registry.model(kind)
    if (model.trainable === false)
      throw new StudioError(
        'not-supported',
        `${model.title} writes its memory by steps that training cannot see through; choose another block.`
      )
  }
}

/** The weights of some trials as tensors, by name. Each model that is made takes tensors of its own. */
function weightsOf(slots: readonly Slot[], states: readonly OptimiserState[]): Map<string, Tensor> {
  const make = ({ name, shape, offset, size }: Slot): [string, Tensor] => {
    const data = new Float32Array(states.length * size)
    states.forEach(({ weights }, row) => data.set(weights.subarray(offset, offset + size), row * size))
    return [name, tf.tensor(data, [states.length, ...shape])]
  }
  return new Map(slots.map(make))
}

async function oneStep(
  plan: TrainingPlan,
  { registry, tested, batch }: TrainerDeps,
  slots: readonly Slot[],
  states: readonly TrialState[],
  active: readonly number[],
  decayed: Uint8Array
): Promise<void> {
  // One trial alone would be computed by another route than a batch of them, which rounds differently.
  const rows = active.length === 1 ? [active[0], active[0]] : active
  const all = plan.examples(states[active[0]].step)
  const examples = joined(rows.map((trial) => trialOf(all, trial, batch)))
  const { sequences, asked, targets } = examples
  const weights = weightsOf(
    slots,
    rows.map((trial) => states[trial])
  )
  const size = { trials: rows.length, sequences }
  let logits: Tensor | undefined
  let model: ReturnType<typeof languageModel> | undefined
  const { value, grads } = tf.engine().gradients(
    () => {
      model = languageModel(registry, tested, plan, size, (name) => weights.get(name) as Tensor)
      logits = tf.keep(model.logits(examples))
      return tf.sum(crossEntropy(logits, targets))
    },
    [...weights.values()],
    undefined,
    true
  )
  const gradient = tf.tidy(() =>
    tf.concat(
      slots.map(
        ({ size }, i) => (grads[i] as Tensor | undefined)?.reshape([rows.length, size]) ?? tf.zeros([rows.length, size])
      ),
      1
    )
  )
  const [g, y] = await Promise.all([gradient.data<'float32'>(), (logits as Tensor).data<'float32'>()])
  tf.dispose([value, gradient, logits as Tensor, ...grads.filter((each) => (each as Tensor | undefined) !== undefined)])
  model?.dispose()
  const { predicted, loss } = judge(y, targets, plan.vocabulary)
  const each = sequences * asked
  for (const [row, trial] of active.entries()) {
    const state = states[trial]
    const own = (i: number): number => row * each + i
    let [sum, right] = [0, 0]
    for (let i = 0; i < each; i++) {
      sum += loss[own(i)]
      if (predicted[own(i)] === targets[own(i)]) right++
    }
    const rate = rateAt(state.step, plan.steps, plan.learningRate)
    const part = g.subarray(row * decayed.length, (row + 1) * decayed.length)
    const norm = adamW(state, part, decayed, rate, ++state.step)
    state.window[0] += sum / each
    state.window[1] += right / each
    state.window[2]++
    if (!Number.isFinite(norm) || !Number.isFinite(sum)) state.diverged = state.finished = true
  }
}

/** The examples of one trial. */
function trialOf(examples: Examples, trial: number, batch: number): Examples {
  const part = (all: Int32Array): Int32Array => {
    const size = all.length / batch
    return all.subarray(trial * size, (trial + 1) * size)
  }
  const { tokens, positions, targets } = examples
  return { ...examples, tokens: part(tokens), positions: part(positions), targets: part(targets) }
}

function joined(parts: readonly Examples[]): Examples {
  const join = (pick: (part: Examples) => Int32Array): Int32Array => {
    const all = new Int32Array(parts.reduce((sum, part) => sum + pick(part).length, 0))
    let at = 0
    for (const part of parts) {
      all.set(pick(part), at)
      at += pick(part).length
    }
    return all
  }
  return {
    ...parts[0],
    tokens: join((p) => p.tokens),
    positions: join((p) => p.positions),
    targets: join((p) => p.targets)
  }
}

/** The most likely token and -ln p of the right one, for rows of logits. */
function judge(logits: Float32Array, targets: Int32Array, vocabulary: number): Answers {
  const predicted = new Int32Array(targets.length)
  const loss = new Float32Array(targets.length)
  for (let i = 0; i < targets.length; i++) {
    const row = logits.subarray(i * vocabulary, (i + 1) * vocabulary)
    let best = 0
    for (let v = 1; v < vocabulary; v++) if (row[v] > row[best]) best = v
    let sum = 0
    for (let v = 0; v < vocabulary; v++) sum += Math.exp(row[v] - row[best])
    predicted[i] = best
    loss[i] = Math.log(sum) + row[best] - row[targets[i]]
  }
  return { predicted, loss }
}

/** Ends the window if it is full, and the trial if it is done; the point that this adds to its curve. */
function closeWindow(state: TrialState, trial: number, length: number, { steps, stopAt }: TrainingPlan): CurvePoint[] {
  const [loss, accuracy, count] = state.window
  if (count < length && state.step < steps && !state.finished) return []
  const point = { trial, x: state.step, loss: loss / count, accuracy: accuracy / count }
  state.curve.push(point.x, point.loss, point.accuracy)
  state.window = [0, 0, 0]
  const windows = state.curve.length / 3
  const last = Array.from({ length: Math.min(lastWindows, windows) }, (_, i) => state.curve[3 * (windows - i) - 1])
  if (state.step >= steps || (last.length === lastWindows && last.every((a) => a >= stopAt))) state.finished = true
  return [point]
}

function trained(
  plan: TrainingPlan,
  deps: TrainerDeps,
  slots: readonly Slot[],
  states: readonly TrialState[]
): Trained {
  const { registry, tested } = deps
  const { vocabulary } = plan
  /** Runs the trained model once. */
  const read = async <T>(
    examples: Examples,
    observed: boolean,
    use: (logits: Tensor, traces: () => Promise<Trace[]>) => Promise<T>
  ): Promise<T> => {
    const weights = weightsOf(slots, states)
    const size = { trials: states.length, sequences: examples.sequences, observed }
    const model = languageModel(registry, tested, plan, size, (name) => weights.get(name) as Tensor)
    const logits = model.logits(examples)
    try {
      return await use(logits, () => model.stack.traces?.() ?? Promise.resolve([]))
    } finally {
      logits.dispose()
      model.dispose()
    }
  }
  return {
    steps: Int32Array.from(states, ({ step }) => step),
    diverged: states.map(({ diverged }) => diverged),
    cost: stackCost(registry, tested, plan),
    curves: { loss: curve(states, 1), accuracy: curve(states, 2) },
    answer: (examples) =>
      read(examples, false, async (logits) => judge(await logits.data<'float32'>(), examples.targets, vocabulary)),
    traces: (examples) => read(examples, true, (_, traces) => traces())
  }
}

/** One column of the curves over the longest trial's steps; a trial that stopped early stays where it was. */
function curve(states: readonly TrialState[], column: 1 | 2): { x: number[]; y: number[][] } {
  if (states.every(({ curve }) => curve.length === 0)) return { x: [], y: states.map(() => []) }
  const columnOf = ({ curve }: TrialState, which: number): number[] => curve.filter((_, i) => i % 3 === which)
  const longest = states.reduce((a, b) => (b.curve.length > a.curve.length ? b : a))
  const x = columnOf(longest, 0)
  return {
    x,
    y: states.map((state) => {
      const y = columnOf(state, column)
      return x.map((_, i) => y[Math.min(i, y.length - 1)])
    })
  }
}
