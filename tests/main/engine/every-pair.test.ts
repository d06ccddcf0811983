/** Every task with every model: those that fit run, small, and the others are refused with a reason. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { BackendName } from '../../../src-main/tensors/backends/backend.ts'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { runBatch } from '../../../src-main/engine/worker/runner.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import { builtInRegistry } from '../../../src-main/engine/worker/registry.ts'
import { misfit } from '../../../src-shared/shapes/catalog.ts'
import { checkExperiment } from '../../../src-shared/shapes/experiment.ts'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import type { Grid } from '../../../src-shared/grid/cell.ts'

const registry = builtInRegistry()
const catalog = registry.catalog()
const pairs = catalog.tasks.flatMap((task) => catalog.models.map((model) => ({ task, model })))
const fitting = pairs.filter(({ task, model }) => misfit(task, model) === undefined)

/** Parameters that are small wherever a task has them. */
const small: Record<string, unknown> = {
  ...{ items: 4, dim: 8, contextDim: 4, maxSteps: 2, events: 6, cues: 30, copies: 2, lists: 2, lures: 4 },
  ...{ rows: 4, columns: 4, perSegment: 2, afternoon: 4, before: 2 },
  ...{ steps: 2, batchSize: 2, layers: 1, expansion: 1, testSequences: 2, pairs: 2, queries: 2, copyLength: 3 },
  ...{ lengths: [8, 9], tasks: 2, rounds: 2, stretch: 4, stretches: 2 }
}
/** The token dimension and vocabulary must leave room for what a sequence holds. */
const own: Record<string, Record<string, unknown>> = { 'associative-recall': { length: 16 } }

function gridOf(task: (typeof pairs)[0]['task'], kinds: readonly string[]): ReturnType<typeof expandGrid> {
  const known = Object.entries({ ...small, ...own[task.id] }).filter(([name]) => Object.hasOwn(task.params, name))
  return expandGrid(
    checkExperiment({
      format: 'engram-experiment/1',
      name: 'small',
      task: { kind: task.id, params: Object.fromEntries(known) },
      models: kinds.map((kind) => ({ kind })),
      seeds: [3, 4]
    }),
    catalog
  )
}

const run = ({ cells: [cell], seeds }: Grid, task: string, wanted = seeds): Promise<TrialOutcome[]> =>
  runBatch(registry.task(task), { ...cell, index: 0 }, wanted, 'philox', {
    registry,
    checkCancelled: () => undefined
  })

describe.each(catalog.tasks.map((task) => [task.id, task] as const))('%s', (id, task) => {
  beforeAll(() => useBackend('wasm'))

  it('runs with every model that fits it, and gives every trial its main metric', async () => {
    const kinds = fitting.filter((pair) => pair.task === task).map(({ model }) => model.id)
    expect(kinds.length).toBeGreaterThan(0)
    for (const kind of kinds) {
      const { grid, errors } = gridOf(task, [kind])
      expect(errors, kind).toEqual([])
      for (const { status, error, metrics } of await run(grid!, id)) {
        // A memory that answers in a space of its own cannot be compared cell by cell: the trial says so.
        if (error?.code === 'not-supported') {
          expect(error.message, kind).toMatch(/space of its own/)
          continue
        }
        expect({ kind, status, error }).toEqual({ kind, status: 'done', error: null })
        expect(Object.keys(metrics), kind).toContain(task.mainMetric)
        for (const [name, value] of Object.entries(metrics)) {
          expect(task.metrics.map((metric) => metric.name)).toContain(name)
          expect(Number.isFinite(value), `${kind} ${name}`).toBe(true)
        }
      }
    }
  })

  it('refuses every other model with a sentence that names both', () => {
    for (const { model } of pairs.filter((pair) => pair.task === task && !fitting.includes(pair))) {
      const { grid, errors } = gridOf(task, [model.id])
      expect(grid, model.id).toBeUndefined()
      expect(errors[0], model.id).toMatchObject({ code: 'bad-input', field: 'models.0.kind' })
      expect(errors[0].message).toMatch(/^[A-Z].*\.$/)
      expect(errors[0].message).toContain(task.title)
    }
  })
})

describe('the same experiment', () => {
  /** A task of recall, one of change over time, and one that trains, each with all its models. */
  const asked = fitting.filter(({ task }) => ['capacity', 'forgetting', 'copy'].includes(task.id))
  const backends: readonly BackendName[] = ['wasm', 'cpu']
  const all = new Map<string, TrialOutcome[]>()

  it.each(backends)('gives each trial the same numbers alone and beside others on %s', async (backend) => {
    await useBackend(backend)
    for (const { task, model } of asked) {
      const { grid } = gridOf(task, [model.id])
      const together = await run(grid!, task.id)
      all.set(`${backend} ${task.id} ${model.id}`, together)
      const alone = (await run(grid!, task.id, [together[1].seed]))[0]
      expect(apart(alone, together[1]), `${task.id} ${model.id}`).toBeLessThan(1e-4)
    }
  })

  it('agrees between backends within the rounding of single precision', () => {
    for (const { task, model } of asked) {
      const [a, b] = backends.map((backend) => all.get(`${backend} ${task.id} ${model.id}`)!)
      a.forEach((trial, i) => expect(apart(trial, b[i]), `${task.id} ${model.id}`).toBeLessThan(2e-3))
    }
  })
})

/** The largest difference of two trials' metrics, relative where a value is larger than 1. */
function apart(a: TrialOutcome, b: TrialOutcome): number {
  expect(Object.keys(a.metrics)).toEqual(Object.keys(b.metrics))
  return Math.max(
    ...Object.entries(a.metrics).map(([name, x]) => Math.abs(x - b.metrics[name]) / Math.max(1, Math.abs(x)))
  )
}
