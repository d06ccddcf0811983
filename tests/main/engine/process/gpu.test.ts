import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { EngineDriver, programsRunning } from '../../../support/engine-driver.ts'
import { softwareGpu } from '../../../support/software-vulkan.ts'

const folder = mkdtempSync(join(tmpdir(), 'engram-gpu-'))
const flag = join(folder, 'flag')
const always = join(folder, 'always')

/** Small enough for a GPU that is imitated. */
const small = (backend: string, models: string[], seeds = 4): Record<string, unknown> => ({
  task: { kind: 'capacity', params: { dim: 8, items: 4 } },
  models: models.map((kind) => ({ kind })),
  seeds: { first: 1, count: seeds },
  backend
})
const memories = ['linear-associator', 'episodic-slots', 'fast-weights', 'true-episodic']

describe.skipIf(!softwareGpu)('a GPU in a process of its own', () => {
  let engine: EngineDriver
  const gpu = (): number[] => programsRunning('gpu')

  beforeAll(async () => {
    for (const [name, value] of Object.entries(softwareGpu ?? {})) vi.stubEnv(name, value)
    vi.stubEnv('ENGRAM_TEST_FLAG', flag)
    engine = new EngineDriver({ modelFolder: join(import.meta.dirname, 'gpu-models') })
    const { backends } = await engine.ready()
    expect(backends.find(({ name }) => name === 'webgpu')).toMatchObject({ available: true })
  }, 60_000)
  afterAll(() => {
    engine.process.kill()
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The metrics of a run's trials by cell and seed. */
  const numbers = (run: string): Map<string, Record<string, number>> =>
    new Map(engine.outcomes(run).map(({ cell, seed, metrics }) => [`${cell} ${seed}`, metrics]))

  it('gives the numbers of the CPU', async () => {
    const [there, here] = [await engine.run(small('webgpu', memories)), await engine.run(small('wasm', memories))]
    expect([(await engine.end(there)).how, (await engine.end(here)).how]).toEqual(['done', 'done'])
    expect(new Set(engine.outcomes(there).map(({ backend }) => backend))).toEqual(new Set(['webgpu']))
    const wanted = numbers(here)
    expect(wanted.size).toBe(16)
    for (const [trial, metrics] of numbers(there))
      for (const [name, value] of Object.entries(metrics))
        expect(Math.abs(value - wanted.get(trial)![name]) / (1 + Math.abs(value)), `${trial} ${name}`).toBeLessThan(
          1e-4
        )
  }, 240_000)

  it('goes on after its process is killed, with the batch repeated there', async () => {
    const run = await engine.run(small('webgpu', ['destroys'], 64))
    await engine.hear('trials', (message) => message.runId === run)
    for (const pid of gpu()) process.kill(pid, 'SIGKILL')
    expect(await engine.end(run)).toMatchObject({ how: 'done', error: null })
    const got = engine.outcomes(run)
    expect(got.map(({ status }) => status)).toEqual(Array.from({ length: 64 }, () => 'done'))
    expect(new Set(got.map(({ backend }) => backend))).toEqual(new Set(['webgpu']))
  }, 240_000)

  it('repeats the batch of a device that was destroyed, on a new one, and says so', async () => {
    writeFileSync(flag, '')
    const run = await engine.run(small('webgpu', ['destroys'], 8))
    expect((await engine.end(run)).how).toBe('done')
    const got = engine.outcomes(run)
    expect(got.map(({ status, backend }) => [status, backend])).toEqual(
      Array.from({ length: 8 }, () => ['done', 'webgpu'])
    )
    expect(engine.log(run).join('\n')).toMatch(
      /webgpu: .*device was lost.*Its process starts again, and the batch .* is repeated/
    )
  }, 240_000)

  it('is ended by a cancel within a second, and the engine works on', async () => {
    const run = await engine.run(small('webgpu', memories, 40))
    await new Promise((resolve) => setTimeout(resolve, 300))
    engine.process.post({ type: 'cancel', runId: run })
    expect((await engine.end(run)).how).toBe('cancelled')
    const next = await engine.run(small('webgpu', ['destroys']))
    expect((await engine.end(next)).how).toBe('done')
    expect(engine.outcomes(next)).toHaveLength(4)
  }, 240_000)

  it('leaves the rest to the CPU when it fails twice, in the log and in the provenance', async () => {
    vi.stubEnv('ENGRAM_TEST_FLAG', always)
    writeFileSync(always, '')
    const lossy = new EngineDriver({ modelFolder: join(import.meta.dirname, 'gpu-models') })
    vi.stubEnv('ENGRAM_TEST_FLAG', flag)
    try {
      const run = await lossy.run(small('webgpu', ['destroys'], 8))
      expect((await lossy.end(run)).how).toBe('done')
      expect(lossy.outcomes(run).map(({ status, backend }) => [status, backend])).toEqual(
        Array.from({ length: 8 }, () => ['done', 'wasm'])
      )
      expect(lossy.log(run).join('\n')).toContain('From here on destroys is computed on wasm.')
      const said = lossy.heard.filter((message) => message.type === 'fellBack')
      expect(said.reduce((sum, { trials }) => sum + trials, 0)).toBe(8)
      expect(said[0]).toMatchObject({ from: 'webgpu', to: 'wasm', reason: expect.stringContaining('lost') as string })
    } finally {
      lossy.process.kill()
      await lossy.exit
    }
  }, 240_000)

  it('computes what is too large for it in smaller batches, and what is too large alone on the CPU, and says so', async () => {
    const backendsOf = (run: string): string[] =>
      engine.outcomes(run).map(({ status, backend }) => `${status} ${backend}`)
    const of = (params: Record<string, unknown>, seeds: number): Record<string, unknown> => ({
      ...small('webgpu', [], seeds),
      models: [{ kind: 'asks-much', params }]
    })
    for (const memory of [false, true]) {
      const halved = await engine.run(of({ most: 2, memory }, 8))
      expect(await engine.end(halved)).toMatchObject({ how: 'done', error: null })
      expect(backendsOf(halved)).toEqual(Array.from({ length: 8 }, () => 'done webgpu'))
    }
    const alone = await engine.run({
      ...of({ most: 0 }, 3),
      models: [{ kind: 'asks-much', params: { most: 0 } }, { kind: 'linear-associator' }]
    })
    expect(await engine.end(alone)).toMatchObject({ how: 'done', error: null })
    expect(backendsOf(alone).sort()).toEqual([...Array(3).fill('done wasm'), ...Array(3).fill('done webgpu')])
    expect(engine.log(alone).join('\n')).toMatch(
      /webgpu: A tensor of \d+ MiB is more than the \d+ MiB .* is computed on wasm/
    )
    const [said] = engine.heard.filter((message) => message.type === 'fellBack' && message.runId === alone)
    expect(said).toMatchObject({ from: 'webgpu', to: 'wasm', trials: 3 })
  }, 240_000)

  it('is gone when the engine is', async () => {
    const engines = programsRunning('process', process.pid)
    expect(engines.length).toBe(1)
    const [child] = programsRunning('gpu', engines[0])
    expect(child).toBeGreaterThan(0)
    process.kill(engines[0], 'SIGKILL')
    await engine.exit
    await expect.poll(() => programsRunning('gpu').includes(child), { timeout: 10_000 }).toBe(false)
  }, 30_000)
})
