/**
 * Time per trial of storing and of retrieving for every key-value model, alone and in a batch, per backend, on plain ops
 * and on fused kernels; beside it the same work in PyTorch where python3 has it.
 *
 * On the CPU backends, as in PyTorch, time is that of the computing thread, so that other work on the machine counts for
 * nothing; on a GPU it is the clock's. Work that would outlast the budget is timed on fewer items and scaled up.
 */
import * as tf from '@tensorflow/tfjs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { BackendName } from '../../src-main/tensors/backends/backend.ts'
import { backends, useBackend } from '../../src-main/tensors/backends/index.ts'
import { kernelStatus, setKernels } from '../../src-main/tensors/kernels/index.ts'
import { builtInModels } from '../../src-main/models/registry.ts'
import type { AnyModel, Memory } from '../../src-main/models/model.ts'
import { build, inputsFor, registry, type Inputs } from '../support/drive-memory.ts'
import type { BenchOptions } from './run.ts'

const items = 1000
const dim = 64
const sizes = { dim, rows: 8, columns: 8, contextDim: 16 }
/** The aims of the studio: times faster than the loop on average and at worst, and than the vectorised form. */
const aims = { loopMean: 20, loopLeast: 4, vectorised: 2 }

interface Times {
  store: number
  retrieve: number
}
interface Row extends Times {
  model: string
  backend: BackendName
  kernels: boolean
  batch: number
  /** Items it was timed on, when fewer than all. */
  timedOn?: number
}
type Torch = Record<string, { loop: Times; vectorised?: Times }>

export async function bench({ quick, json, only }: BenchOptions): Promise<void> {
  const models = builtInModels.filter(
    (model) => model.interfaces.includes('key-value') && (only.length === 0 || only.includes(model.id))
  )
  // Milliseconds a measurement repeats for, and beyond which one run is scaled up from 100 items.
  const [budget, longest] = quick ? [150, 2000] : [300, 5000]
  const rows: Row[] = []
  const say = (text: string): void => void (json || console.log(text))
  for (const backend of await available(quick)) {
    await useBackend(backend)
    const fuses = ['wasm', 'cpu'].includes(backend) && kernelStatus().available
    for (const model of models)
      // The loops of the cpu backend are a reference on which nothing is compared: once is enough.
      for (const kernels of !fuses ? [false] : backend === 'cpu' ? [true] : [true, false])
        for (const batch of [1, 32]) {
          setKernels(kernels)
          // On the CPU plain ops are a reference too: alone only.
          if (fuses && (!kernels || backend === 'cpu') && (batch > 1 || quick)) continue
          rows.push(await measure(model, backend, kernels, batch, budget, longest))
          const { store, retrieve, timedOn } = rows.at(-1)!
          const cells = [model.id.padEnd(22), backend.padEnd(7), kernels ? 'fused' : 'plain', `B ${batch}`.padEnd(5)]
          const note = timedOn ? `  (scaled from ${timedOn} items)` : ''
          say(`${cells.join(' ')} store ${ms(store)}  retrieve ${ms(retrieve)}${note}`)
        }
  }
  const torch = torchTimes(
    models.map((model) => model.id),
    quick
  )
  const compared = torch ? compare(rows, torch) : undefined
  if (compared) report(compared, say)
  else say('python3 with torch is not here: no comparison')
  console.log(JSON.stringify({ items, dim, kernels: kernelStatus(), rows, torch, ...compared }))
}

async function available(quick: boolean): Promise<BackendName[]> {
  const found: BackendName[] = []
  for (const backend of backends) {
    const { available, software } = await backend.detect()
    // A GPU imitated in software says nothing about speed.
    if (available && !software && !(quick && backend.name === 'cpu')) found.push(backend.name)
  }
  return found
}

const ms = (value: number): string => value.toFixed(value < 1 ? 3 : value < 100 ? 2 : 0).padStart(9) + ' ms'

/** Grows the number of items until they are all or the budget would be spent; then the mean of runs that fill it. */
async function measure(
  model: AnyModel,
  backend: BackendName,
  kernels: boolean,
  batch: number,
  budget: number,
  longest: number
): Promise<Row> {
  const clock = backend === 'webgpu' || backend === 'tensorflow' ? () => performance.now() : threadTime
  const seeds = Array.from({ length: batch }, (_, i) => i)
  const memory = build(model, registry.fill(model.id, {}, sizes), seeds)
  const run = (count: number): Promise<Times> => once(memory, inputs(model, seeds, count), batch, clock)
  // At least 100 items: fewer would leave slots unused, and a write would be cheaper than it is.
  await run(20)
  const short = await run(100)
  const count = total(short) * batch * (items / 100) < longest ? items : 100
  const sum = { store: 0, retrieve: 0, runs: 0 }
  // The thread's clock may tick in tens of milliseconds: only sums over many runs mean anything.
  for (const begin = performance.now(); sum.runs === 0 || performance.now() - begin < budget; sum.runs++) {
    const times = await run(count)
    sum.store += times.store
    sum.retrieve += times.retrieve
  }
  memory.dispose()
  const scale = items / count / sum.runs
  return {
    ...{ model: model.id, backend, kernels, batch, store: sum.store * scale, retrieve: sum.retrieve * scale },
    ...(count < items && { timedOn: count })
  }
}

const made = new Map<string, Inputs>()

/** Items and queries without contexts, made once for a backend. */
function inputs(model: AnyModel, seeds: readonly number[], count: number): Inputs {
  const key = [tf.getBackend(), model.uses.places, seeds.length, count].join()
  const known = made.get(key)
  if (known) return known
  const given = inputsFor(model, { ...sizes, items: count, queries: count }, seeds, 'bench')
  tf.dispose([given.store.contexts, given.retrieve.contexts].filter((x) => x !== undefined))
  made.set(key, {
    ...given,
    store: { ...given.store, contexts: undefined },
    retrieve: { ...given.retrieve, contexts: undefined }
  })
  return made.get(key)!
}

const total = ({ store, retrieve }: Times): number => store + retrieve

/** Milliseconds of CPU time of this thread. */
function threadTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Milliseconds per trial of one store and one retrieve by an empty memory. */
async function once(memory: Memory, { store, retrieve }: Inputs, batch: number, clock: () => number): Promise<Times> {
  // A CPU backend has its result when the call returns; a GPU when something has been read.
  const settle = async (): Promise<void> => {
    if (clock === threadTime) return
    const entry = store.keys.slice([0, 0, 0], [1, 1, 1])
    await entry.data()
    entry.dispose()
  }
  memory.reset()
  await settle()
  const start = clock()
  memory.store!(store)
  await settle()
  const stored = clock()
  const answer = memory.retrieve!(retrieve)
  if (clock !== threadTime) await answer.data()
  const end = clock()
  answer.dispose()
  return { store: (stored - start) / batch, retrieve: (end - stored) / batch }
}

function torchTimes(ids: readonly string[], quick: boolean): Torch | undefined {
  const script = join(import.meta.dirname, 'torch_models.py')
  const python = ['/usr/bin/python3', 'python3'].find(
    (command) => spawnSync(command, ['-c', 'import torch']).status === 0
  )
  if (!python) return undefined
  const settings = [items, dim, quick ? 8 : 16, quick ? 0.3 : 0.5].map(String)
  const { stdout, status, stderr } = spawnSync(python, [script, ...settings, ...ids], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
  })
  if (status !== 0) throw new Error(`torch_models.py failed: ${stderr}`)
  return JSON.parse(stdout) as Torch
}

interface Ratio {
  model: string
  ours: number
  loop: number
  vectorised: number | null
}

/** Our best on a CPU backend per trial in a batch, against both forms of PyTorch. */
function compare(rows: readonly Row[], torch: Torch): { ratios: Ratio[]; loopMean: number; missed: string[] } {
  const ratios = Object.entries(torch).map(([model, { loop, vectorised }]): Ratio => {
    const ours = Math.min(...rows.filter((row) => row.model === model && row.backend === 'wasm').map(total))
    return { model, ours, loop: total(loop) / ours, vectorised: vectorised ? total(vectorised) / ours : null }
  })
  const loopMean = Math.exp(ratios.reduce((sum, { loop }) => sum + Math.log(loop), 0) / ratios.length)
  const low = loopMean < aims.loopMean ? [`the mean is ${loopMean.toFixed(1)} times the loop`] : []
  const each = ratios.flatMap(({ model, loop, vectorised }) => [
    ...(loop < aims.loopLeast ? [`${model} is ${loop.toFixed(1)} times the loop`] : []),
    ...(vectorised !== null && vectorised < aims.vectorised
      ? [`${model} is ${vectorised.toFixed(1)} times the vectorised form`]
      : [])
  ])
  return { ratios, loopMean, missed: [...low, ...each] }
}

function report({ ratios, loopMean, missed }: ReturnType<typeof compare>, say: (text: string) => void): void {
  say('\nPer trial, wasm on one core against PyTorch on one thread (times faster):')
  for (const { model, ours, loop, vectorised } of ratios)
    say(
      `${model.padEnd(22)} ours ${ms(ours)}   loop ${loop.toFixed(1).padStart(7)}x   vectorised ${vectorised?.toFixed(1).padStart(6) ?? '     -'}x`
    )
  say(`geometric mean against the loop: ${loopMean.toFixed(1)}x (aim ${aims.loopMean}x, none below ${aims.loopLeast}x)`)
  say(missed.length ? `missed: ${missed.join('; ')}` : 'all aims are met')
}
