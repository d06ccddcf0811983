import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expandGrid } from '../../../../src-shared/grid/expand.ts'
import type { Experiment } from '../../../../src-shared/shapes/experiment.ts'
import type { ErrorData } from '../../../../src-shared/shapes/errors.ts'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { startEngine } from '../../../../src-main/engine/process/launch.ts'
import type { EngineProcess, FromEngine, RequestName, Requests, RunJob } from '../../../../src-main/engine/protocol.ts'
import { builtInRegistry } from '../../../../src-main/engine/worker/registry.ts'
import { runBatch } from '../../../../src-main/engine/worker/runner.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

type Ready = Extract<FromEngine, { type: 'ready' }>
type Ended = Extract<FromEngine, { type: 'ended' }>

const modelFolder = join(import.meta.dirname, '../worker/user-models')
let engine: EngineProcess
let ready: Ready
let runs = 0
const heard: FromEngine[] = []
const listeners = new Set<(message: FromEngine) => void>()

/** Resolves with the first message that `wanted` accepts, past or future. */
function hear<T extends FromEngine>(wanted: (message: FromEngine) => message is T): Promise<T> {
  return new Promise((resolve) => {
    const earlier = heard.find(wanted)
    if (earlier) return resolve(earlier)
    const listen = (message: FromEngine): void => {
      if (!wanted(message)) return
      listeners.delete(listen)
      resolve(message)
    }
    listeners.add(listen)
  })
}

const end = (runId: string): Promise<Ended> => hear((m): m is Ended => m.type === 'ended' && m.runId === runId)
const outcomes = (runId: string): Extract<FromEngine, { type: 'trials' }>['trials'] =>
  heard.flatMap((m) => (m.type === 'trials' && m.runId === runId ? m.trials : []))

async function ask<N extends RequestName>(name: N, input: Requests[N]['input']): Promise<Requests[N]['output']> {
  const id = ++runs
  engine.post({ type: 'request', id, name, input } as Parameters<EngineProcess['post']>[0])
  type Answer = Extract<FromEngine, { type: 'answer' }>
  const { result } = await hear((m): m is Answer => m.type === 'answer' && m.id === id)
  if (!result.ok) throw new Error(result.error.message)
  return result.value as Requests[N]['output']
}

function job(models: string[], count: number, extra: Partial<Experiment> = {}): RunJob {
  const experiment: Experiment = {
    format: 'engram-experiment/1',
    name: 'test',
    description: '',
    task: { kind: 'capacity', params: { dim: 8, items: 5 } },
    models: models.map((kind) => ({ kind, params: {} })),
    sweep: [],
    seeds: { first: 1, count },
    generator: 'philox',
    backend: 'wasm',
    ...extra
  }
  const { grid, errors } = expandGrid(experiment, ready.catalog)
  if (!grid) throw new Error(errors[0].message)
  return {
    runId: `run-${++runs}`,
    task: experiment.task.kind,
    generator: experiment.generator,
    backend: experiment.backend,
    cells: grid.cells.map((cell, index) => ({ ...cell, index, seeds: grid.seeds }))
  }
}

beforeAll(async () => {
  engine = startEngine({ workers: 2, modelFolder, backend: 'auto' })
  engine.onMessage((message) => {
    heard.push(message)
    for (const listen of [...listeners]) listen(message)
  })
  ready = await hear((m): m is Ready => m.type === 'ready')
})
afterAll(() => engine.kill())

describe('the engine process', () => {
  it('says which backends run, and why the others do not', () => {
    expect(ready.workers).toBe(2)
    expect(ready.backends.map(({ name }) => name)).toEqual(['tensorflow', 'webgpu', 'wasm', 'cpu'])
    for (const backend of ready.backends)
      if (backend.available) expect(backend.adapter).not.toBe('')
      else expect(backend.reason).toMatch(/\w+ /)
    expect(ready.backends.find(({ name }) => name === 'wasm')?.available).toBe(true)
  })

  it("knows the user's models beside its own, and refuses a broken file by name", () => {
    const byId = (id: string): string | undefined => ready.catalog.models.find((model) => model.id === id)?.origin
    expect(byId('echo')).toBe(join(modelFolder, 'echo.js'))
    expect(byId('deadly')).toBe(join(modelFolder, 'deadly.ts'))
    expect(byId('hopfield')).toBe('built-in')
    const errors = new Map(ready.errors.map((error): [string, ErrorData] => [error.file ?? '', error]))
    expect([...errors.keys()].map((file) => file.slice(modelFolder.length + 1)).sort()).toEqual([
      'bad-id.js',
      'bad-load.js',
      'taken-id.js'
    ])
    expect(errors.get(join(modelFolder, 'bad-id.js'))?.field).toBe('id')
    expect(errors.get(join(modelFolder, 'bad-load.js'))?.message).toContain('half written')
    expect(errors.get(join(modelFolder, 'taken-id.js'))?.code).toBe('conflict')
  })

  it('gives every trial of a grid the numbers that one thread gives', async () => {
    const work = job(['linear-associator', 'fast-weights'], 11)
    engine.post({ type: 'run', job: work })
    expect(await end(work.runId)).toMatchObject({ how: 'done', error: null })
    const got = outcomes(work.runId)
    expect(got).toHaveLength(22)
    await useBackend('wasm')
    const registry = builtInRegistry()
    const timeless = (list: readonly { elapsedMs: number }[]): unknown[] => list.map((o) => ({ ...o, elapsedMs: 0 }))
    for (const { seeds, ...cell } of work.cells) {
      const alone = await runBatch(registry.task('capacity'), cell, seeds, 'philox', {
        registry,
        checkCancelled: () => undefined
      })
      const mine = got.filter((outcome) => outcome.cell === cell.index).sort((a, b) => a.seed - b.seed)
      expect(timeless(mine)).toEqual(timeless(alone))
    }
  })

  it('chooses the backend when that is left to it, and says what it chose', async () => {
    const work = job(['echo'], 6, { backend: 'auto', task: { kind: 'capacity', params: { dim: 64, items: 5 } } })
    engine.post({ type: 'run', job: work })
    await end(work.runId)
    const log = heard.find((m) => m.type === 'log' && m.runId === work.runId && m.text.startsWith('auto'))
    expect(log?.type === 'log' && log.text).toMatch(/^auto: (wasm, the only|\w+ for echo on capacity.*wasm .*ms)/)
    const got = outcomes(work.runId)
    expect(got.map(({ seed }) => seed).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6])
    for (const { status, metrics } of got) expect([status, metrics.accuracy]).toEqual(['done', 1])
  })

  it('reports a worker that died with the trials that it lost, and goes on', async () => {
    const work = job(['deadly', 'echo'], 3)
    engine.post({ type: 'run', job: work })
    expect((await end(work.runId)).how).toBe('done')
    const got = outcomes(work.runId)
    expect(got).toHaveLength(6)
    for (const { cell, status, error, hash } of got) {
      expect(hash).toMatch(/^[0-9a-f]{64}$/)
      if (cell === 0) expect([status, error?.code]).toEqual(['failed', 'model-failed'])
      else expect(status).toBe('done')
    }
    expect(got.find(({ cell }) => cell === 0)?.error?.message).toContain('exit code 7')
  })

  it('cancels within a second even when a model never comes back, and works on', async () => {
    const work = job(['endless'], 4)
    engine.post({ type: 'run', job: work })
    await new Promise((resolve) => setTimeout(resolve, 300))
    engine.post({ type: 'cancel', runId: work.runId })
    expect(await end(work.runId)).toMatchObject({ how: 'cancelled', error: null })
    expect(outcomes(work.runId)).toEqual([])
    const next = job(['echo'], 2)
    engine.post({ type: 'run', job: next })
    expect((await end(next.runId)).how).toBe('done')
  })

  it('holds back a paused run, lets another pass, and finishes it once it is resumed', async () => {
    const paused = job(['echo'], 40)
    engine.post({ type: 'run', job: paused })
    engine.post({ type: 'pause', runId: paused.runId })
    const other = job(['echo'], 4)
    engine.post({ type: 'run', job: other })
    await end(other.runId)
    expect(heard.some((m) => m.type === 'ended' && m.runId === paused.runId)).toBe(false)
    expect(outcomes(paused.runId).length).toBeLessThan(40)
    // What was under way when it was paused is told until it has ended.
    const held = heard.flatMap((m) => (m.type === 'holding' && m.runId === paused.runId ? [m.under] : []))
    expect(held.at(-1)).toEqual([])
    for (const [i, under] of held.slice(1).entries()) expect(under.length).toBeLessThanOrEqual(held[i].length)
    engine.post({ type: 'resume', runId: paused.runId })
    await end(paused.runId)
    expect(new Set(outcomes(paused.runId).map(({ seed }) => seed)).size).toBe(40)
  })

  it('refuses a backend that is not here, with its reason', async () => {
    const missing = ready.backends.find(({ available }) => !available)
    if (!missing) return
    const work = job(['echo'], 1, { backend: missing.name })
    engine.post({ type: 'run', job: work })
    const { how, error } = await end(work.runId)
    expect([how, error?.code]).toEqual(['failed', 'backend-unavailable'])
    expect(error?.message).toContain(missing.name)
  })

  it('ends a run whose weights do not fit, naming file and tensor', async () => {
    const file = join(import.meta.dirname, '../../../golden/fast-weights.json')
    const work = job(['fast-weights'], 2, {
      models: [{ kind: 'fast-weights', params: {}, weights: file }],
      task: { kind: 'capacity', params: { dim: 16, items: 5 } }
    })
    engine.post({ type: 'run', job: work })
    const { how, error } = await end(work.runId)
    expect(how).toBe('failed')
    expect(error).toMatchObject({ code: 'bad-file', file, field: 'weights.W_K_fast' })
  })

  it('runs with the weights of a file, which take part in the identity of the trial', async () => {
    const file = join(import.meta.dirname, '../../../golden/fast-weights.json')
    const plain = job(['fast-weights'], 1)
    const loaded = job(['fast-weights'], 1, { models: [{ kind: 'fast-weights', params: {}, weights: file }] })
    for (const work of [plain, loaded]) engine.post({ type: 'run', job: work })
    expect((await end(plain.runId)).error).toBeNull()
    expect((await end(loaded.runId)).error).toBeNull()
    const [a, b] = [outcomes(plain.runId)[0], outcomes(loaded.runId)[0]]
    expect(b.status).toBe('done')
    expect(b.hash).not.toBe(a.hash)
    expect(b.metrics).not.toEqual(a.metrics)
  })

  it('saves the weights of a trial, and the same file gives the same numbers', async () => {
    const drawn = job(['fast-weights'], 1)
    const [{ seeds, ...cell }] = drawn.cells
    const bytes = await ask('weights', {
      task: drawn.task,
      generator: 'philox',
      cell,
      seed: seeds[0],
      format: 'safetensors'
    })
    const file = join(temporaryFolder('saved'), 'w.safetensors')
    writeFileSync(file, bytes)
    const loaded = job(['fast-weights'], 1, { models: [{ kind: 'fast-weights', params: {}, weights: file }] })
    for (const work of [drawn, loaded]) engine.post({ type: 'run', job: work })
    await Promise.all([end(drawn.runId), end(loaded.runId)])
    expect(outcomes(loaded.runId)[0].metrics).toEqual(outcomes(drawn.runId)[0].metrics)
  })

  it('answers costs and an estimate', async () => {
    const work = job(['linear-associator', 'fast-weights'], 20)
    const costs = await ask('costs', { task: 'capacity', cells: work.cells })
    expect(costs[0].storeFlops).toBe(2 * 5 * 8 * 8)
    const { ms, backend } = await ask('estimate', work)
    expect(ms).toBeGreaterThan(0)
    expect(backend).toBe('wasm')
  })

  it('answers the catalog without the models of a folder that was left out', async () => {
    const { catalog, errors } = await ask('reload', { modelFolder: '' })
    expect(errors).toEqual([])
    expect(catalog.models.some(({ id }) => id === 'echo')).toBe(false)
    expect((await ask('reload', { modelFolder })).catalog.models.some(({ id }) => id === 'echo')).toBe(true)
  })

  it('ends when it is told to stop, with its exit code and last words', async () => {
    const gone = new Promise<[number | null, string]>((resolve) => engine.onExit((...exit) => resolve(exit)))
    engine.post({ type: 'stop' })
    const [code, detail] = await gone
    expect(code).toBe(0)
    expect(detail).toContain('exit code 0')
  })
})
