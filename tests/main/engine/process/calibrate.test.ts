import { describe, expect, it } from 'vitest'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import type { BackendName, Detected } from '../../../../src-main/tensors/backends/backend.ts'
import { Calibrator } from '../../../../src-main/engine/process/calibrate.ts'
import type { TrialOutcome } from '../../../../src-shared/shapes/outcome.ts'
import type { BatchJob } from '../../../../src-main/engine/worker-calls.ts'
import { tinyCell } from '../worker/tiny.ts'

const found = (name: BackendName, software = false): Detected => ({ name, available: true, adapter: name, software })

/** A machine on which a trial takes this long on each backend. */
function machine(msPerTrial: Partial<Record<BackendName, number>>, backends: Detected[], broken?: BackendName) {
  const ran: { backend: BackendName; seeds: number }[] = []
  const calibrator = new Calibrator({
    backends,
    lanes: (backend) => (backend === 'webgpu' ? 1 : 4),
    batch: ({ backend, seeds, deadlineMs, cell }: BatchJob) => {
      ran.push({ backend, seeds: seeds.length })
      const elapsedMs = msPerTrial[backend] ?? 1
      if (deadlineMs !== undefined && elapsedMs * seeds.length > deadlineMs)
        return Promise.reject(new StudioError('cancelled', 'late'))
      const status = backend === broken ? ('failed' as const) : ('done' as const)
      const none = { error: null, metrics: {}, series: {}, traces: [] }
      return Promise.resolve(
        seeds.map((seed): TrialOutcome => ({ ...none, cell: cell.index, seed, hash: '', status, elapsedMs, backend }))
      )
    }
  })
  const log: string[] = []
  const seeds = Array.from({ length: 32 }, (_, i) => i)
  const cell = tinyCell('shift', seeds)
  const batch: BatchJob = {
    task: 'tiny',
    cell,
    seeds,
    generator: 'philox',
    backend: 'cpu',
    cancelled: new SharedArrayBuffer(4)
  }
  const choose = (flops: number) => calibrator.choose(batch, flops, {}, (text) => void log.push(text))
  return { choose, ran, log, batch }
}

describe('choosing a backend', () => {
  it('takes the fastest, and keeps the trials that measuring it has done', async () => {
    const { choose, log } = machine({ wasm: 100, webgpu: 15 }, [found('wasm'), found('webgpu')])
    const { backend, measured } = await choose(1e6)
    expect(backend).toBe('webgpu')
    expect(measured.map((outcome) => [outcome.seed, outcome.backend])).toEqual(
      Array.from({ length: 32 }, (_, seed) => [seed, 'webgpu'])
    )
    expect(log).toEqual(['auto: webgpu for shift on tiny, about 1 MFLOP a trial: wasm 25 ms, webgpu 15 ms'])
  })

  it('measures nothing where only the CPU computes, and takes its loops only without WebAssembly', async () => {
    const { choose, ran, log } = machine({ wasm: 100, cpu: 1 }, [found('cpu'), found('wasm')])
    expect(await choose(1e6)).toEqual({ backend: 'wasm', measured: [] })
    expect(ran).toEqual([])
    expect(log).toEqual(['auto: wasm, the only suitable backend here'])
    expect((await machine({}, [found('cpu'), found('webgpu', true)]).choose(1e6)).backend).toBe('cpu')
  })

  it('counts that the CPU works on as many batches as it has workers, and the GPU on one', async () => {
    const backends = [found('webgpu'), found('wasm')]
    expect((await machine({ wasm: 100, webgpu: 30 }, backends).choose(1e6)).backend).toBe('wasm')
    expect((await machine({ wasm: 100, webgpu: 20 }, backends).choose(1e6)).backend).toBe('webgpu')
  })

  it('judges a GPU by the whole batch', async () => {
    const { choose, ran } = machine({ wasm: 100, webgpu: 20 }, [found('webgpu'), found('wasm')])
    await choose(1e6)
    expect(ran.every(({ seeds }) => seeds === 32)).toBe(true)
  })

  it('measures a kind of batch once', async () => {
    const { choose, ran } = machine({ wasm: 100, webgpu: 150 }, [found('wasm'), found('webgpu')])
    await choose(1e6)
    const once = ran.length
    expect(await choose(1.1e6)).toEqual({ backend: 'wasm', measured: [] })
    expect(ran.length).toBe(once)
  })

  it('does not try a GPU that lost at sizes below, nor doubt one that won at sizes above, but measures the rest', async () => {
    for (const [webgpu, winner, settled, open] of [
      [150, 'wasm', 1e3, 1e9],
      [15, 'webgpu', 1e9, 1e3]
    ] as const) {
      const { choose, ran } = machine({ wasm: 100, webgpu }, [found('wasm'), found('webgpu')])
      await choose(1e6)
      const once = ran.length
      expect(await choose(settled)).toEqual({ backend: winner, measured: [] })
      expect(ran.length).toBe(once)
      expect((await choose(open)).backend).toBe(winner)
      expect(ran.length).toBeGreaterThan(once)
    }
  })

  it('never takes a program that imitates a GPU, nor a backend on which the model fails', async () => {
    const imitation = machine({ webgpu: 1, wasm: 100 }, [found('webgpu', true), found('wasm')])
    expect((await imitation.choose(1e6)).backend).toBe('wasm')
    expect(imitation.ran.some(({ backend }) => backend === 'webgpu')).toBe(false)
    const broken = machine({ webgpu: 1, wasm: 100 }, [found('webgpu'), found('wasm')], 'webgpu')
    expect((await broken.choose(1e6)).backend).toBe('wasm')
    const other = machine({ webgpu: 50, wasm: 1 }, [found('webgpu'), found('wasm')], 'wasm')
    expect((await other.choose(1e6)).backend).toBe('webgpu')
  })

  it('gives up on a backend that takes much longer than the best', async () => {
    const { choose, log } = machine({ wasm: 100, webgpu: 5000 }, [found('wasm'), found('webgpu')])
    expect((await choose(1e6)).backend).toBe('wasm')
    expect(log[0]).toContain('webgpu slower than')
  })

  it('stops measuring when the run is cancelled', async () => {
    const { choose, batch } = machine({ wasm: 100, webgpu: 5000 }, [found('wasm'), found('webgpu')])
    Atomics.store(new Int32Array(batch.cancelled), 0, 1)
    await expect(choose(1e6)).rejects.toMatchObject({ data: { code: 'cancelled' } })
  })
})
