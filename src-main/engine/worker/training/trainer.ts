/** Trains the tested model of a batch of trials, each with its own weights, data, steps and end. */
import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import type { WeightSource } from '../../../models/model.ts'
import { pythonLearner } from '../../python/learner.ts'
import { seedsOf } from '../../python/model.ts'
import type { CurvePoint } from '../../worker-calls.ts'
import type { Registry } from '../registry.ts'
import { readCheckpoint, writeCheckpoint, type TrialState } from './checkpoint.ts'
import { stackCost, stackOf, type Tested } from './language-model.ts'
import { arrayCourse } from './array-course.ts'
import type { Course, Learner, Row, StepNews } from './learner.ts'
import { rateAt } from './optimiser.ts'
import { tensorLearner } from './tensor-learner.ts'
import type { Examples, Trained, TrainingPlan } from '../../../tasks/training-plan.ts'

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

/** @throws StudioError cancelled, diverged when every trial has, not-supported for a model that cannot be trained */
export async function train(plan: TrainingPlan, deps: TrainerDeps): Promise<Trained> {
  const { batch, trials } = deps
  refuseUntrainable(deps, plan)
  const learner = learnerOf(plan, deps)
  const states = Array.from({ length: trials }, (_, trial) => stateOf(plan, deps, learner, trial))
  const window = Math.max(1, Math.round(plan.steps / curvePoints))
  let taken = 0
  // A running generator is brought to where it stood; one of named streams stands at every step.
  if (deps.replay) for (let step = 0; step < next(states).step; step++) plan.examples(step)
  for (;;) {
    const { active } = next(states)
    if (active.length === 0) break
    const course = courseOf(learner, states, active)
    try {
      // On one course as long as the same trials walk together.
      while (next(states).active.join() === active.join()) {
        const open = active.map((trial) => Math.min(window - states[trial].window[2], plan.steps - states[trial].step))
        const count = Math.max(1, Math.min(course.ahead, plan.saveEvery - (taken % plan.saveEvery), ...open))
        const { step } = states[active[0]]
        for (let at = step; at < step + count; at++) {
          deps.checkCancelled()
          const all = plan.examples(at)
          // One trial alone would be computed by another route than a batch of them, which rounds differently.
          const parts = pairOf(active).map((trial) => trialOf(all, trial, batch))
          await course.step(joined(parts), rateAt(at, plan.steps, plan.learningRate), at + 1)
        }
        for (const news of await course.news()) active.forEach((trial, row) => note(states[trial], news[row]))
        const fresh = active.flatMap((trial) => closeWindow(states[trial], trial, window, plan))
        if (fresh.length) deps.report(fresh)
        taken += count
        if (taken % plan.saveEvery !== 0) continue
        await course.settle()
        deps.save(() => states.map(writeCheckpoint))
      }
      await course.settle()
    } finally {
      course.dispose()
    }
  }
  const rows = Array.from({ length: batch }, (_, row): TrialRow => ({
    trial: row % trials,
    state: states[row % trials]
  }))
  return trained(learner, rows)
}

interface TrialRow extends Row {
  state: TrialState
}

function learnerOf(plan: TrainingPlan, { registry, tested, batch, trials, weight }: TrainerDeps): Learner {
  const block = registry.inPython(tested.model, tested.params)
  return block
    ? pythonLearner(block, plan, seedsOf({ batch, weight }).slice(0, trials), stackCost(registry, tested, plan))
    : tensorLearner(registry, tested, plan, batch, weight)
}

/** Where a trial stands: at its beginning, or where its checkpoint says. */
function stateOf(plan: TrainingPlan, deps: TrainerDeps, learner: Learner, trial: number): TrialState {
  const weights = learner.first(trial)
  const saved = deps.checkpoint(trial)
  const found = saved && readCheckpoint(saved, weights.length)
  if (found) return found
  return {
    ...{ weights, mean: new Float32Array(weights.length), square: new Float32Array(weights.length) },
    ...{ step: 0, finished: plan.steps === 0, diverged: false, curve: [], window: [0, 0, 0] }
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
    if (plan.turn !== undefined && registry.inPython(kind, {}))
      throw new StudioError(
        'not-supported',
        `${model.title} learns in Python, where a sequence is one call; turns need memory that persists between calls.`
      )
    if (tested.model === 'transformer' && registry.inPython(kind, {}))
      throw new StudioError(
        'not-supported',
        `${model.title} learns in Python, in a stack of its own; name it as the model, not inside a transformer.`
      )
    if (model.trainable === false)
      throw new StudioError(
        'not-supported',
        `${model.title} writes its memory by steps that training cannot see through; choose another block.`
      )
  }
}

/** The active trials, one alone twice. */
const pairOf = (active: readonly number[]): readonly number[] => (active.length === 1 ? [active[0], active[0]] : active)

function courseOf(learner: Learner, states: readonly TrialState[], active: readonly number[]): Course {
  const rows = pairOf(active).map((trial) => ({ trial, state: states[trial] }))
  return learner.course(rows) ?? arrayCourse(learner, rows, active.length)
}

/** Adds what a step said to a trial's window, unless the trial had ended before. */
function note(state: TrialState, { loss, accuracy, norm }: StepNews): void {
  if (state.finished) return
  state.step++
  state.window[0] += loss
  state.window[1] += accuracy
  state.window[2]++
  if (!Number.isFinite(norm) || !Number.isFinite(loss)) state.diverged = state.finished = true
}

/** The examples of one trial. */
function trialOf(examples: Examples, trial: number, batch: number): Examples {
  const part = (all: Int32Array): Int32Array => {
    const size = all.length / batch
    return all.subarray(trial * size, (trial + 1) * size)
  }
  const { tokens, types, positions, targets } = examples
  return {
    ...{ ...examples, tokens: part(tokens), positions: part(positions), targets: part(targets) },
    ...(types && { types: part(types) })
  }
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
    ...(parts[0].types && { types: join((p) => p.types!) }),
    positions: join((p) => p.positions),
    targets: join((p) => p.targets)
  }
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

function trained(learner: Learner, rows: readonly TrialRow[]): Trained {
  const states = rows.map(({ state }) => state)
  return {
    steps: Int32Array.from(states, ({ step }) => step),
    diverged: states.map(({ diverged }) => diverged),
    cost: learner.cost,
    curves: { loss: curve(states, 1), accuracy: curve(states, 2) },
    answer: (examples) => learner.answer(rows, examples),
    traces: (examples) => learner.traces(rows, examples)
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
