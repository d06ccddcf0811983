/**
 * Every key-value model beside PyTorch, in two tables. Thread for thread: milliseconds per trial of storing and of retrieving,
 * ours in batches on wasm, PyTorch's as a loop and vectorised, measured in turns, so that other work on the machine hits both.
 * The whole job: 32 seeds on all cores, ours as a process a core and PyTorch's vectorised form with all its threads, or with one
 * where that is faster (its loop, seed after seed, where there is no such form).
 *
 * Both sides get the same weights, items and queries. Before anything is timed they recall a few of them, and must agree.
 *
 * A ratio depends on the kernel that PyTorch's BLAS has for the processor: it is named, with what a product of 512 by 512
 * takes here and there, and a ratio against a generic kernel is marked.
 *
 * Thread for thread, time is CPU time of the computing thread; of the whole job it is the clock's, with the CPU time of all
 * threads beside. Of all rounds the least counts, on both sides: what else the machine does only ever adds.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuName } from '../../src-main/tensors/backends/cpu.ts'
import { useBackend } from '../../src-main/tensors/backends/index.ts'
import { kernelStatus } from '../../src-main/tensors/kernels/index.ts'
import { builtInModels } from '../../src-main/models/registry.ts'
import type { AnyModel } from '../../src-main/models/model.ts'
import type { Agreement, Job, ModelsResult, Products, Row, Span } from '../support/bench-results.ts'
import { aboutTorch, LineServer, oneThread, torchInterpreter, type AboutTorch } from '../support/torch-server.ts'
import { dim, items, productSpeed, threadTime, TimedMemory, total, type Times } from '../support/timed-memory.ts'
import type { BenchOptions } from './run.ts'

const here = import.meta.dirname
const cores = availableParallelism()
/** Seeds of a batch thread for thread, and of the whole job. */
const [together, all] = [16, 32]
/** What both sides recall before they are timed, and how far they may be apart: |ours - theirs| / |ours|, of all numbers. */
const compared = { items: 40, seeds: 3, tolerance: 1e-3 }
const forms = ['loop', 'vectorised'] as const

/** The studio's aims: against the loop in the mean, and against the vectorised form at least and in the mean. */
const aims = { loopMean: 25, least: 0.5, mean: 1.5 }

export async function bench({ quick, json, only }: BenchOptions): Promise<ModelsResult> {
  const models = builtInModels.filter(
    (model) => model.interfaces.includes('key-value') && (only.length === 0 || only.includes(model.id))
  )
  const say = (text: string): void => void (json || console.log(text))
  const rounds = quick ? 2 : 5
  const python = torchInterpreter()
  const about = python ? aboutTorch(python) : undefined
  const [before, begun] = [loadavg()[0], performance.now()]
  await useBackend('wasm')

  const serve = (threads: number): LineServer | undefined =>
    python
      ? new LineServer(python, [join(here, 'torch_models.py'), '0.1', `${threads}`], {
          ...process.env,
          ...(threads === 1 ? oneThread : {})
        })
      : undefined
  const [one, many] = [serve(1), serve(cores)]
  const workers = Array.from(
    { length: cores },
    () => new LineServer(process.execPath, ['--disable-warning=ExperimentalWarning', join(here, 'models-child.ts')])
  )
  const shared = Array.from({ length: cores }, (_, i) => Math.floor((all + i) / cores))
  await Promise.all(workers.map((worker, i) => worker.ask(`batch ${shared[i]}`)))
  const folder = mkdtempSync(join(tmpdir(), 'engram-bench-'))

  try {
    const products = await productsOf(one, many, workers)
    say(headline(products, about, before))

    const agreement = one ? await agreementOf(models, one, folder) : []
    const apart = agreement.filter(({ loop = 0, vectorised = 0 }) => !(Math.max(loop, vectorised) < compared.tolerance))
    if (apart.length) throw new Error(`PyTorch's forms recall something else: ${JSON.stringify(apart)}`)
    const worst = Math.max(...agreement.flatMap(({ loop = 0, vectorised = 0 }) => [loop, vectorised]))
    if (one)
      say(`both recall the same of ${compared.items} items, ${compared.seeds} seeds: within ${worst.toExponential(1)}`)

    say(
      `\nThread for thread, ms per trial (${items} items, d ${dim}); times as fast as PyTorch's loop and vectorised form:`
    )
    const rows: Row[] = []
    for (const model of models) {
      rows.push(await side(model, one, folder, rounds, 150))
      say(lineOf(rows.at(-1)!, about))
    }
    const told = compare(rows, about)
    if (one) say(told.summary)

    say(`\nThe whole job, ms: ${all} seeds, ${cores} cores, by the clock (CPU time in brackets):`)
    const jobs: Job[] = []
    for (const model of models) {
      jobs.push(await job(model, one && many && { one, all: many }, folder, workers, rounds))
      const { ours, torch } = jobs.at(-1)!
      const both = ({ wall, cpu }: Span): string => `${ms(wall)} (${cpu.toFixed(0)})`
      const ratio = torch && `${marked(torch.wall / ours.wall, about)} (${(torch.cpu / ours.cpu).toFixed(2)})`
      const theirs = torch ? `  PyTorch's ${torch.form}, ${torch.threads} threads ${both(torch)}  ratio ${ratio}` : ''
      say(`${model.id.padEnd(22)} ours ${both(ours)}${theirs}`)
    }
    const jobMean =
      many &&
      geometric(jobs.flatMap(({ ours, torch }) => (torch?.form === 'vectorised' ? [torch.wall / ours.wall] : [])))
    if (jobMean !== undefined) say(`geometric mean ${jobMean.toFixed(2)}`)
    const minutes = (performance.now() - begun) / 60_000
    const after = loadavg()[0]
    say(`\nload ${before.toFixed(1)} at the start, ${after.toFixed(1)} at the end; ${minutes.toFixed(1)} minutes`)
    return {
      ...{ bench: 'models', date: new Date().toISOString().slice(0, 10), quick, minutes },
      ...{ items, dim, cores, processor: cpuName(), load: [before, after], kernels: kernelStatus() },
      ...{ torch: about, products, compared, agreement, rows, loopMean: told.loopMean, mean: told.mean },
      ...{ missed: told.missed, jobs, jobMean }
    }
  } finally {
    for (const server of [one, many, ...workers]) server?.end()
    rmSync(folder, { recursive: true, force: true })
  }
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
const geometric = (ratios: readonly number[]): number =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)

async function productsOf(
  one: LineServer | undefined,
  many: LineServer | undefined,
  workers: readonly LineServer[]
): Promise<Products> {
  const best = async (measure: () => Promise<number>): Promise<number> => {
    const tries: number[] = []
    for (let i = 0; i < 4; i++) tries.push(await measure())
    return Math.max(...tries)
  }
  const ours = {
    one: await best(() => productSpeed(300, threadTime)),
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

/** How far what the forms of PyTorch recall is from what ours does. */
async function agreementOf(models: readonly AnyModel[], torch: LineServer, folder: string): Promise<Agreement[]> {
  const [given, answer] = ['given', 'recalled'].map((name) => join(folder, name))
  const found: Agreement[] = []
  for (const model of models) {
    const memory = new TimedMemory(model, compared.seeds)
    const ours = await memory.recall(compared.items)
    await memory.write(given!, compared.items)
    memory.dispose()
    await torch.ask(`load ${given}`)
    const row: Agreement = { model: model.id }
    for (const form of forms) {
      const shape = await torch.ask<number[] | null>(`recall ${form} ${answer}`)
      if (shape) row[form] = distance(ours, new Float32Array(new Uint8Array(readFileSync(answer!)).buffer))
    }
    found.push(row)
  }
  return found
}

/** |a - b| / |a| over the numbers that b has: a loop recalls one seed. */
function distance(a: Float32Array, b: Float32Array): number {
  let [apart, size] = [0, 0]
  b.forEach((x, i) => {
    apart += (a[i]! - x) ** 2
    size += a[i]! ** 2
  })
  return Math.sqrt(apart / size)
}

/** Ours and PyTorch's in turns. */
async function side(
  model: AnyModel,
  torch: LineServer | undefined,
  folder: string,
  rounds: number,
  budget: number
): Promise<Row> {
  const memory = new TimedMemory(model, together)
  await memory.once(20, threadTime)
  const file = join(folder, 'given')
  if (torch) {
    await memory.write(file, items)
    await torch.ask(`load ${file}`)
  }
  const ours: Times[] = []
  const theirs: Record<(typeof forms)[number], Times[]> = { loop: [], vectorised: [] }
  for (
    let round = 0, begun = performance.now();
    round < rounds && (round < 2 || performance.now() - begun < 8000);
    round++
  ) {
    ours.push(await memory.mean(items, budget, threadTime))
    for (const form of forms) {
      const answer = await torch?.ask<Times | null>(`time ${form}`)
      if (answer) theirs[form].push(answer)
    }
  }
  memory.dispose()
  const [loop, vectorised] = forms.map((form) => (theirs[form].length ? leastOf(theirs[form]) : undefined))
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
  const [loops, vectorised] = [ratios('loop'), ratios('vectorised')]
  if (!vectorised.length) return { missed: [], summary: '' }
  const [loopMean, mean] = [loops, vectorised].map((of) => geometric(of.map(({ ratio }) => ratio))) as [number, number]
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
  model: AnyModel,
  torch: Record<'one' | 'all', LineServer> | undefined,
  folder: string,
  workers: readonly LineServer[],
  rounds: number
): Promise<Job> {
  await Promise.all(workers.map((worker) => worker.ask(model.id)))
  const servers = torch ? [torch.all, torch.one] : []
  const file = join(folder, 'given')
  if (torch) {
    const memory = new TimedMemory(model, all)
    await memory.write(file, items)
    memory.dispose()
    for (const server of servers) await server.ask(`load ${file}`)
  }
  const ours: Span[] = []
  const theirs: (Span & { form: string })[][] = servers.map(() => [])
  for (
    let round = 0, begun = performance.now();
    round < rounds && (round < 1 || performance.now() - begun < 5000);
    round++
  ) {
    for (
      const begin = performance.now(), first = ours.length;
      ours.length === first || performance.now() - begin < 150;
    ) {
      const start = performance.now()
      const each = await Promise.all(workers.map((worker) => worker.ask<Span>('go')))
      ours.push({ wall: performance.now() - start, cpu: each.reduce((sum, { cpu }) => sum + cpu, 0) })
    }
    for (const [i, server] of servers.entries()) {
      const answer = await server.ask<(Span & { form: string }) | null>('job')
      if (answer) theirs[i]!.push(answer)
    }
  }
  const leastSpan = (spans: readonly Span[]): Span => ({
    wall: least(spans.map(({ wall }) => wall)),
    cpu: least(spans.map(({ cpu }) => cpu))
  })
  const [best] = theirs
    .flatMap((spans, i) =>
      spans.length ? [{ form: spans[0]!.form, threads: i === 0 ? cores : 1, ...leastSpan(spans) }] : []
    )
    .sort((a, b) => a.wall - b.wall)
  return { model: model.id, ours: leastSpan(ours), ...(best && { torch: best }) }
}
