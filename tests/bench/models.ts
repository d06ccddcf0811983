/**
 * Every key-value model beside PyTorch, in two tables. Thread for thread: milliseconds per trial of storing and of retrieving,
 * ours in batches on wasm, PyTorch's as a loop and vectorised, measured in turns, so that other work on the machine hits both.
 * The whole job: 32 seeds on all cores, ours as a process a core and PyTorch's vectorised form with all its threads.
 *
 * A ratio depends on the kernel that PyTorch's BLAS has for the processor: it is named, with what a product of 512 by 512
 * takes here and there, and a ratio against a generic kernel is marked. Where there is another backend, its times follow.
 *
 * Thread for thread, time is CPU time of the computing thread; of the whole job, and on a GPU, it is the clock's. Of all rounds
 * the least counts, on both sides: what else the machine does only ever adds.
 */
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import type { BackendName } from '../../src-main/tensors/backends/backend.ts'
import { cpuName } from '../../src-main/tensors/backends/cpu.ts'
import { backends, useBackend } from '../../src-main/tensors/backends/index.ts'
import { kernelStatus, setKernels } from '../../src-main/tensors/kernels/index.ts'
import { builtInModels } from '../../src-main/models/registry.ts'
import type { AnyModel } from '../../src-main/models/model.ts'
import { aboutTorch, LineServer, oneThread, torchInterpreter, type AboutTorch } from '../support/torch-server.ts'
import {
  clockTime,
  dim,
  items,
  productSpeed,
  threadTime,
  TimedMemory,
  total,
  type Times
} from '../support/timed-memory.ts'
import type { BenchOptions } from './run.ts'

const here = import.meta.dirname
const cores = availableParallelism()
/** Seeds of a batch thread for thread, and of the whole job. */
const [together, all] = [16, 32]

/** The studio's aims: against the loop in the mean, and against the vectorised form at least and in the mean. */
const aims = { loopMean: 25, least: 0.5, mean: 1.5 }

interface Row {
  model: string
  /** The least of the rounds. */
  ours: Times
  loop?: Times
  vectorised?: Times
}

/** Milliseconds, by the clock and of all threads' CPU time. */
interface Span {
  wall: number
  cpu: number
}

interface Job {
  model: string
  ours: Span
  vectorised?: Span
}

/** GFLOP/s of a product of 512 by 512. */
interface Products {
  ours: { one: number; all: number }
  torch?: { one: number; all: number }
}

export async function bench({ quick, json, only }: BenchOptions): Promise<void> {
  const models = builtInModels.filter(
    (model) => model.interfaces.includes('key-value') && (only.length === 0 || only.includes(model.id))
  )
  const say = (text: string): void => void (json || console.log(text))
  const rounds = quick ? 2 : 6
  const python = torchInterpreter()
  const about = python ? aboutTorch(python) : undefined
  const before = loadavg()[0]
  await useBackend('wasm')

  const serve = (seeds: number, threads: number): LineServer | undefined =>
    python
      ? new LineServer(python, [join(here, 'torch_models.py'), ...[items, dim, seeds, 0.1, threads].map(String)], {
          ...process.env,
          ...(threads === 1 ? oneThread : {})
        })
      : undefined
  const [one, many] = [serve(together, 1), serve(all, cores)]
  const workers = Array.from(
    { length: cores },
    () => new LineServer(process.execPath, ['--disable-warning=ExperimentalWarning', join(here, 'models-child.ts')])
  )
  const shared = Array.from({ length: cores }, (_, i) => Math.floor((all + i) / cores))
  await Promise.all(workers.map((worker, i) => worker.ask(`batch ${shared[i]}`)))

  const products = await productsOf(one, many, workers)
  say(headline(products, about, before))

  say(
    `\nThread for thread, ms per trial (${items} items, d ${dim}); times as fast as PyTorch's loop and vectorised form:`
  )
  const rows: Row[] = []
  for (const model of models) {
    rows.push(await side(model, one, rounds, 150))
    say(lineOf(rows.at(-1)!, about))
  }
  const told = compare(rows, about)
  if (one) say(told.summary)

  say(
    `\nThe whole job, ms: ${all} seeds, ${cores} cores, by the clock (CPU time in brackets); PyTorch vectorised with ${cores} threads:`
  )
  const jobs: Job[] = []
  for (const { id } of models) {
    jobs.push(await job(id, many, workers, rounds))
    const { ours, vectorised } = jobs.at(-1)!
    const both = ({ wall, cpu }: Span): string => `${ms(wall)} (${cpu.toFixed(0)})`
    const ratio =
      vectorised && `${marked(vectorised.wall / ours.wall, about)} (${(vectorised.cpu / ours.cpu).toFixed(2)})`
    say(`${id.padEnd(22)} ours ${both(ours)}${vectorised ? `  PyTorch ${both(vectorised)}  ratio ${ratio}` : ''}`)
  }
  for (const server of [one, many, ...workers]) server?.end()

  const others = await otherBackends(models, quick, say)
  say(`\nload ${before.toFixed(1)} at the start, ${loadavg()[0].toFixed(1)} at the end, of ${cores} cores`)
  console.log(
    JSON.stringify({
      ...{ items, dim, cores, processor: cpuName(), load: [before, loadavg()[0]], kernels: kernelStatus() },
      ...{ torch: about, products, rows, ...told, jobs, others }
    })
  )
}

const ms = (value: number): string => value.toFixed(value < 1 ? 3 : value < 100 ? 2 : 0).padStart(9)

/** A ratio against a generic kernel of BLAS says little of either side, and is starred. */
const marked = (ratio: number, about: AboutTorch | undefined): string =>
  `${ratio.toFixed(2).padStart(7)}x${about?.width === 'generic' || about?.width === 'unknown' ? '*' : ''}`

const least = (values: readonly number[]): number => Math.min(...values)
const leastOf = (times: readonly Times[]): Times => ({
  store: least(times.map(({ store }) => store)),
  retrieve: least(times.map(({ retrieve }) => retrieve))
})

async function productsOf(
  one: LineServer | undefined,
  many: LineServer | undefined,
  workers: readonly LineServer[]
): Promise<Products> {
  const best = async (measure: () => Promise<number>): Promise<number> => Math.max(await measure(), await measure())
  const ours = {
    one: await best(() => productSpeed(500, threadTime)),
    all: await best(async () =>
      (await Promise.all(workers.map((worker) => worker.ask<number>('product')))).reduce((a, b) => a + b, 0)
    )
  }
  if (!one || !many) return { ours }
  const [torchOne, torchAll] = [one, many].map((server) => () => best(() => server.ask<number>('product')))
  return { ours, torch: { one: await torchOne!(), all: await torchAll!() } }
}

function headline({ ours, torch }: Products, about: AboutTorch | undefined, load: number): string {
  const speeds = ({ one, all }: { one: number; all: number }): string =>
    `${one.toFixed(0)} GFLOP/s on one thread, ${all.toFixed(0)} on ${cores}`
  const generic = about?.width === 'generic' ? ': a generic kernel, ratios are starred' : ''
  return [
    `${cpuName()}, ${cores} cores, load ${load.toFixed(1)}`,
    `product of 512 by 512 here: ${speeds(ours)} (${kernelStatus().detail})`,
    about && torch
      ? `product of 512 by 512 in PyTorch ${about.version}: ${speeds(torch)} (${about.kernel}, ${about.width}${generic})`
      : 'python3 with torch is not here: no comparison'
  ].join('\n')
}

/** Ours and PyTorch's in turns. */
async function side(model: AnyModel, torch: LineServer | undefined, rounds: number, budget: number): Promise<Row> {
  const memory = new TimedMemory(model, together)
  await memory.once(20, threadTime)
  const ours: Times[] = []
  const theirs: { loop?: Times; vectorised?: Times }[] = []
  for (
    let round = 0, begun = performance.now();
    round < rounds && (round === 0 || performance.now() - begun < 8000);
    round++
  ) {
    ours.push(await memory.mean(items, budget, threadTime))
    if (torch) theirs.push(await torch.ask(model.id))
  }
  memory.dispose()
  const form = (name: 'loop' | 'vectorised'): Times | undefined => {
    const times = theirs.flatMap((one) => one[name] ?? [])
    return times.length ? leastOf(times) : undefined
  }
  const [loop, vectorised] = [form('loop'), form('vectorised')]
  return { model: model.id, ours: leastOf(ours), ...(loop && { loop }), ...(vectorised && { vectorised }) }
}

function lineOf({ model, ours, loop, vectorised }: Row, about: AboutTorch | undefined): string {
  const against = (name: string, times: Times | undefined): string =>
    times ? `  ${name} ${marked(total(times) / total(ours), about)}` : ''
  const parts = `store ${ms(ours.store)}  retrieve ${ms(ours.retrieve)}`
  return `${model.padEnd(22)} ${parts}${against('loop', loop)}${against('vectorised', vectorised)}`
}

function compare(
  rows: readonly Row[],
  about: AboutTorch | undefined
): { loopMean?: number; mean?: number; missed: string[]; summary: string } {
  const ratios = (form: 'loop' | 'vectorised'): { model: string; ratio: number }[] =>
    rows.flatMap(({ model, ours, [form]: times }) => (times ? [{ model, ratio: total(times) / total(ours) }] : []))
  const geometric = (of: { ratio: number }[]): number =>
    Math.exp(of.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / of.length)
  const [loops, vectorised] = [ratios('loop'), ratios('vectorised')]
  if (!vectorised.length) return { missed: [], summary: '' }
  const [loopMean, mean] = [geometric(loops), geometric(vectorised)]
  const wanted = about?.width === 'AVX-512' ? aims.least : 1
  const missed = [
    ...(loopMean < aims.loopMean ? [`the mean is ${loopMean.toFixed(1)} times the loop, not ${aims.loopMean}`] : []),
    ...(mean < aims.mean ? [`the mean is ${mean.toFixed(2)} times the vectorised form, not ${aims.mean}`] : []),
    ...vectorised
      .filter(({ ratio }) => ratio < wanted)
      .map(({ model, ratio }) => `${model} is ${ratio.toFixed(2)} times the vectorised form, not ${wanted}`)
  ]
  const means = `geometric mean ${loopMean.toFixed(1)} times the loop, ${mean.toFixed(2)} times the vectorised form`
  return {
    loopMean,
    mean,
    missed,
    summary: `${means}; ${missed.length ? `missed: ${missed.join('; ')}` : 'all aims are met'}`
  }
}

/** All seeds of a model, ours and PyTorch's in turns. */
async function job(
  model: string,
  torch: LineServer | undefined,
  workers: readonly LineServer[],
  rounds: number
): Promise<Job> {
  await Promise.all(workers.map((worker) => worker.ask(model)))
  const ours: Span[] = []
  const theirs: Span[] = []
  for (let round = 0; round < rounds; round++) {
    for (
      const begin = performance.now(), first = ours.length;
      ours.length === first || performance.now() - begin < 150;
    ) {
      const start = performance.now()
      const each = await Promise.all(workers.map((worker) => worker.ask<Span>('go')))
      ours.push({ wall: performance.now() - start, cpu: each.reduce((sum, { cpu }) => sum + cpu, 0) })
    }
    const answer = await torch?.ask<Span | null>(`${model} job`)
    if (answer) theirs.push(answer)
  }
  const leastSpan = (spans: readonly Span[]): Span => ({
    wall: least(spans.map(({ wall }) => wall)),
    cpu: least(spans.map(({ cpu }) => cpu))
  })
  return { model, ours: leastSpan(ours), ...(theirs.length && { vectorised: leastSpan(theirs) }) }
}

/** Times by the clock on a GPU that is no imitation, and on plain ops: batches of 32 there, alone here. */
async function otherBackends(
  models: readonly AnyModel[],
  quick: boolean,
  say: (text: string) => void
): Promise<({ model: string; backend: BackendName; plain: boolean; batch: number } & Times)[]> {
  const found: ({ model: string; backend: BackendName; plain: boolean; batch: number } & Times)[] = []
  for (const { name, detect } of backends) {
    const { available, software } = await detect()
    if (!available || software || (quick && name === 'cpu')) continue
    const own = name === 'wasm' || name === 'cpu'
    if (own && quick) continue
    await useBackend(name)
    setKernels(!own)
    say(`\n${name}${own ? ', plain ops, alone' : ', in batches of 32'}, ms per trial:`)
    for (const model of models) {
      const batch = own ? 1 : 32
      const memory = new TimedMemory(model, batch)
      const clock = own ? threadTime : clockTime
      await memory.once(20, clock)
      // What would take long is timed on fewer items and scaled up; under 100 slots stay unused.
      const short = await memory.once(100, clock)
      const count = total(short) * batch * (items / 100) < 3000 ? items : 100
      const times = await memory.mean(count, 150, clock)
      memory.dispose()
      const scale = items / count
      const row = { model: model.id, backend: name, plain: own, batch }
      found.push({ ...row, store: times.store * scale, retrieve: times.retrieve * scale })
      const note = count < items ? `  (scaled from ${count} items)` : ''
      say(`${model.id.padEnd(22)} store ${ms(times.store * scale)}  retrieve ${ms(times.retrieve * scale)}${note}`)
    }
    setKernels(true)
  }
  return found
}
