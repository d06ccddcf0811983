/** The bench of a GPU ends within its time whatever a job does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { GpuWorker, shareOf, type GpuJob } from './support/gpu-jobs.ts'

describe('the share of a job', () => {
  it.each([1, 7, 300])('lets %i jobs that all take too long end within the time, in any order of weights', (count) => {
    const weights = Array.from({ length: count }, (_, i) => 1 + (i % 6))
    let left = 225
    while (weights.length) {
      const share = shareOf(left, weights)
      expect(share).toBeGreaterThanOrEqual(0)
      left -= share
      weights.shift()
    }
    expect(left).toBeGreaterThanOrEqual(0)
  })

  it('is larger for a heavier job, for the first of a process, and for each where fewer are left', () => {
    const ones = (count: number): number[] => Array<number>(count).fill(1)
    expect(shareOf(200, [6, ...ones(99)])).toBeGreaterThan(shareOf(200, ones(100)))
    expect(shareOf(200, ones(100))).toBeCloseTo(12)
    expect(shareOf(200, ones(100), 3)).toBeCloseTo(36)
    expect(shareOf(200, ones(50))).toBeCloseTo(24)
    expect(shareOf(1, ones(50), 3)).toBe(1)
  })
})

describe('a process of the bench', () => {
  const folder = mkdtempSync(join(tmpdir(), 'engram-gpu-jobs-'))
  const file = join(folder, 'child.mjs')
  // It answers with its number, hangs, ends, or answers and is busy afterwards.
  writeFileSync(
    file,
    `process.on('message', ({ name }) => {
      if (name === 'hangs') { for (;;) ; }
      if (name === 'ends') process.exit(3)
      process.send({ row: { layers: process.pid } })
      if (name === 'busy') { for (;;) ; }
      process.send('ready')
    })
    process.on('disconnect', () => process.exit(0))
    process.send('ready')
`
  )
  const worker = new GpuWorker(file, 'wasm')
  const job = (name: string): GpuJob => ({ part: 'counts', kind: 'memory', name })
  const pid = async (): Promise<number> => (await worker.ask(job('answers'), 20)).row!.layers!
  const running = (id: number): boolean => {
    try {
      return process.kill(id, 0)
    } catch {
      return false
    }
  }
  afterEach(() => worker.end())
  afterAll(() => rmSync(folder, { recursive: true }))

  it('answers, one job after another', async () => {
    expect(await worker.ready(20)).toBe(true)
    const first = await pid()
    expect(await worker.ready(20)).toBe(true)
    expect(await pid()).toBe(first)
  })

  it('is ended when a job is over its share, and begun anew', async () => {
    await worker.ready(20)
    const first = await pid()
    await worker.ready(20)
    expect(await worker.ask(job('hangs'), 0.2)).toEqual({ over: 0.2 })
    await expect.poll(() => running(first)).toBe(false)
    expect(await worker.ready(20)).toBe(true)
    expect(await pid()).not.toBe(first)
  })

  it('says that it ended by itself', async () => {
    await worker.ready(20)
    expect(await worker.ask(job('ends'), 20)).toEqual({ error: 'Its process ended (exit code 3).' })
  })

  it('is ended when what a job left behind takes too long, and the answer counts', async () => {
    await worker.ready(20)
    expect((await worker.ask(job('busy'), 20)).row?.layers).toBeGreaterThan(0)
    expect(await worker.ready(0.2)).toBe(false)
    expect(await worker.ready(20)).toBe(true)
  })
})
