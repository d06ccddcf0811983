import { describe, expect, it } from 'vitest'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import type { TrialOutcome } from '../../../../src-shared/shapes/outcome.ts'
import { Calibrator } from '../../../../src-main/engine/process/calibrate.ts'
import { Owner } from '../../../../src-main/engine/process/owner.ts'
import type { BatchJob } from '../../../../src-main/engine/worker-calls.ts'
import type { BackendName, Detected } from '../../../../src-main/tensors/backends/backend.ts'
import { tinyCell } from '../worker/tiny.ts'

const found = (name: BackendName, software = false): Detected => ({ name, available: true, adapter: name, software })

interface Manners {
  /** Milliseconds of a trial once it is warm; a cold batch takes a hundred times as long. */
  msPerTrial: Partial<Record<BackendName, number>>
  /** Its trials fail. */
  fails?: BackendName
  /** It dies of every batch. */
  dies?: BackendName
}

function machine({ msPerTrial, fails, dies }: Manners, backends: Detected[]) {
  const ran: { backend: BackendName; seeds: number; deadlineMs?: number }[] = []
  const calibrator = new Calibrator({
    backends,
    lanes: (backend) => (backend === 'webgpu' ? 1 : 4),
    batch: ({ backend, seeds, deadlineMs, cell }: BatchJob, owner) => {
      if (owner.cancelled) return Promise.reject(new StudioError('cancelled', 'It was cancelled.'))
      const cold = !ran.some((run) => run.backend === backend)
      ran.push({ backend, seeds: seeds.length, deadlineMs })
      if (backend === dies) return Promise.reject(new StudioError('engine-crashed', 'It died.'))
      const elapsedMs = (msPerTrial[backend] ?? 1) * (cold ? 100 : 1)
      const status = backend === fails ? ('failed' as const) : ('done' as const)
      const none = { error: null, metrics: {}, series: {}, traces: [] }
      return Promise.resolve(
        seeds.map((seed): TrialOutcome => ({ ...none, cell: cell.index, seed, hash: '', status, elapsedMs, backend }))
      )
    }
  })
  const log: string[] = []
  const owner = new Owner()
  const seeds = Array.from({ length: 32 }, (_, i) => i)
  const batch: BatchJob = { task: 'tiny', cell: tinyCell('shift', seeds), seeds, generator: 'philox', backend: 'cpu' }
  const choose = (flops: number): BackendName => calibrator.choose(batch, flops, owner, (text) => void log.push(text))
  /** The choice once it has been measured. */
  const chosen = async (flops: number): Promise<BackendName> => {
    choose(flops)
    await calibrator.settled()
    return choose(flops)
  }
  return { choose, chosen, calibrator, ran, log, owner }
}

describe('choosing a backend', () => {
  it('begins on the CPU at once, and goes over to the GPU when that was found to be faster', async () => {
    const { choose, calibrator, log } = machine({ msPerTrial: { wasm: 100, webgpu: 15 } }, [
      found('wasm'),
      found('webgpu')
    ])
    expect(choose(1e6)).toBe('wasm')
    expect(choose(1e6)).toBe('wasm')
    await calibrator.settled()
    expect(choose(1e6)).toBe('webgpu')
    expect(log).toEqual(['auto: webgpu for shift on tiny, about 1 MFLOP a trial: wasm 25 ms, webgpu 15 ms'])
  })

  it('does not count what loading and compiling takes, and ends nothing by a deadline', async () => {
    const { chosen, ran } = machine({ msPerTrial: { wasm: 100, webgpu: 20 } }, [found('webgpu'), found('wasm')])
    expect(await chosen(1e6)).toBe('webgpu')
    expect(ran).toEqual(
      ['wasm', 'wasm', 'webgpu', 'webgpu'].map((backend) => ({ backend, seeds: 32, deadlineMs: undefined }))
    )
  })

  it('measures nothing where only the CPU computes, and takes its loops only without WebAssembly', () => {
    const { choose, ran, log } = machine({ msPerTrial: { cpu: 1 } }, [found('cpu'), found('wasm')])
    expect(choose(1e6)).toBe('wasm')
    expect(choose(1e6)).toBe('wasm')
    expect(ran).toEqual([])
    expect(log).toEqual(['auto: wasm, the only suitable backend here'])
    expect(machine({ msPerTrial: {} }, [found('cpu'), found('webgpu', true)]).choose(1e6)).toBe('cpu')
  })

  it('counts that the CPU works on as many batches as it has workers, and the GPU on one', async () => {
    const backends = [found('webgpu'), found('wasm')]
    expect(await machine({ msPerTrial: { wasm: 100, webgpu: 30 } }, backends).chosen(1e6)).toBe('wasm')
    expect(await machine({ msPerTrial: { wasm: 100, webgpu: 20 } }, backends).chosen(1e6)).toBe('webgpu')
  })

  it('measures a kind of batch once', async () => {
    const { chosen, choose, ran } = machine({ msPerTrial: { wasm: 100, webgpu: 150 } }, [
      found('wasm'),
      found('webgpu')
    ])
    await chosen(1e6)
    const once = ran.length
    expect(choose(1.1e6)).toBe('wasm')
    expect(ran.length).toBe(once)
  })

  it('does not try a GPU that lost at sizes below, nor doubt one that won at sizes above, but measures the rest', async () => {
    for (const [webgpu, winner, settled, open] of [
      [150, 'wasm', 1e3, 1e9],
      [15, 'webgpu', 1e9, 1e3]
    ] as const) {
      const { chosen, choose, ran } = machine({ msPerTrial: { wasm: 100, webgpu } }, [found('wasm'), found('webgpu')])
      await chosen(1e6)
      const once = ran.length
      expect(choose(settled)).toBe(winner)
      expect(ran.length).toBe(once)
      expect(await chosen(open)).toBe(winner)
      expect(ran.length).toBeGreaterThan(once)
    }
  })

  it('never takes a program that imitates a GPU, nor a backend on which the model fails', async () => {
    const imitation = machine({ msPerTrial: { webgpu: 1, wasm: 100 } }, [found('webgpu', true), found('wasm')])
    expect(await imitation.chosen(1e6)).toBe('wasm')
    expect(imitation.ran).toEqual([])
    const both = [found('webgpu'), found('wasm')]
    expect(await machine({ msPerTrial: { webgpu: 1, wasm: 100 }, fails: 'webgpu' }, both).chosen(1e6)).toBe('wasm')
    expect(await machine({ msPerTrial: { webgpu: 50, wasm: 1 }, fails: 'wasm' }, both).chosen(1e6)).toBe('webgpu')
  })

  it('leaves out a GPU that died twice while it was measured, and says so', async () => {
    const { chosen, choose, calibrator, ran, log } = machine({ msPerTrial: { wasm: 1 }, dies: 'webgpu' }, [
      found('wasm'),
      found('webgpu')
    ])
    expect(await chosen(1e3)).toBe('wasm')
    expect(log[0]).toContain('webgpu failed (engine-crashed: It died.)')
    expect(await chosen(1e6)).toBe('wasm')
    const tried = ran.length
    expect(calibrator.candidates().map(({ name }) => name)).toEqual(['wasm'])
    expect(choose(1e9)).toBe('wasm')
    expect(ran.length).toBe(tried)
  })

  it('measures for the next run what it could not for one that was cancelled', async () => {
    const { choose, calibrator, ran, owner } = machine({ msPerTrial: { wasm: 100, webgpu: 15 } }, [
      found('wasm'),
      found('webgpu')
    ])
    owner.cancel()
    expect(choose(1e6)).toBe('wasm')
    await calibrator.settled()
    expect(ran).toEqual([])
    const batch = {
      task: 'tiny',
      cell: tinyCell('shift', [1]),
      seeds: [1],
      generator: 'philox',
      backend: 'cpu'
    } as const
    const next = new Owner()
    expect(calibrator.choose(batch, 1e6, next, () => undefined)).toBe('wasm')
    await calibrator.settled()
    expect(calibrator.choose(batch, 1e6, next, () => undefined)).toBe('webgpu')
  })
})
