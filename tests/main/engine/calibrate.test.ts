import { describe, expect, it } from 'vitest'
import { StudioError } from '../../../src-shared/errors.ts'
import type { BackendName, Detected } from '../../../src-main/engine/backends/backend.ts'
import { Calibrator } from '../../../src-main/engine/calibrate.ts'
import type { TrialOutcome } from '../../../src-main/engine/protocol.ts'
import type { BatchJob } from '../../../src-main/engine/worker-calls.ts'
import { tinyCell } from './tiny.ts'

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
    const { choose, log } = machine({ wasm: 100, cpu: 150 }, [found('wasm'), found('cpu')])
    const { backend, measured } = await choose(1e6)
    expect(backend).toBe('wasm')
    expect(measured.map((outcome) => [outcome.seed, outcome.backend])).toEqual([0, 1, 2, 3].map((s) => [s, 'wasm']))
    expect(log).toEqual(['auto: wasm for shift on tiny, about 1 MFLOP a trial: wasm 25 ms, cpu 38 ms'])
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

  it('measures a kind of batch once, and another kind again', async () => {
    const { choose, ran } = machine({ wasm: 100, cpu: 150 }, [found('wasm'), found('cpu')])
    await choose(1e6)
    const once = ran.length
    expect(await choose(1.1e6)).toEqual({ backend: 'wasm', measured: [] })
    expect(ran.length).toBe(once)
    await choose(1e9)
    expect(ran.length).toBe(2 * once)
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
    const { choose, log } = machine({ wasm: 100, cpu: 5000 }, [found('wasm'), found('cpu')])
    expect((await choose(1e6)).backend).toBe('wasm')
    expect(log[0]).toContain('cpu slower than')
  })

  it('stops measuring when the run is cancelled', async () => {
    const { choose, batch } = machine({ wasm: 100, cpu: 5000 }, [found('wasm'), found('cpu')])
    Atomics.store(new Int32Array(batch.cancelled), 0, 1)
    await expect(choose(1e6)).rejects.toMatchObject({ data: { code: 'cancelled' } })
  })
})
