/**
 * A GPU's table: every model of keys and values (storing, retrieving) and every block (a step of training) on webgpu, wasm and,
 * where it loads, tensorflow, under the roofline of what each of them reaches at best, and the golden fixtures verified there.
 * On webgpu it also counts dispatches and bytes read back: per stored item, per query, per step of training; in brackets,
 * what the same takes on plain ops.
 *
 * All of it takes less than four minutes on any machine: every part of a row has a share of the time that is left, and its
 * process is ended when it takes longer (`--minutes` gives more to a slow machine). Then a smaller size is measured, and the row says so. An imitation of a GPU (software
 * Vulkan) is measured at the smallest size alone: its counts hold, and its times say nothing about a GPU's speed.
 */
import { readdirSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { probeBackends } from '../../src-main/engine/process/probes.ts'
import { builtInModels } from '../../src-main/models/registry.ts'
import { cpuName } from '../../src-main/tensors/backends/cpu.ts'
import { roofShare, type GpuBackend, type GpuTable } from '../../src-shared/cost/gpu-table.ts'
import { percent, siNumber } from '../../src-shared/text/numbers.ts'
import type { Counts } from '../support/gpu-counts.ts'
import { GpuWorker, shareOf, type GpuJob, type RowKind } from '../support/gpu-jobs.ts'
import { countedSize, memorySizes, sizeText } from '../support/gpu-sizes.ts'
import { softwareVulkan } from '../support/software-vulkan.ts'
import type { BenchOptions } from './run.ts'

/** Minutes for all of it: four with what comes before and after. */
const usualMinutes = 3.75
/** Seconds for a process to begin, which loads a driver, or to end what it was given. */
const startSeconds = 15
/** Milliseconds of repetitions of what is timed. */
const repeats = 250

interface Planned {
  of: GpuBackend
  job: GpuJob
  /** It was over its share, of so many seconds. */
  over?: string
}

export async function bench({ json, quick, only, minutes: given }: BenchOptions): Promise<GpuTable> {
  const begun = performance.now()
  const load = loadavg()[0]
  // Without a driver of its own this machine may have one in software.
  const own = await probeBackends()
  const borrowed = !own.some(({ name, available }) => name === 'webgpu' && available) && softwareVulkan
  if (borrowed) Object.assign(process.env, softwareVulkan)
  const found = borrowed ? await probeBackends() : own
  const say = (text: string): void => void (json || console.log(text))
  const results: GpuBackend[] = []
  for (const { name, available, software, adapter, reason } of found) {
    if (name === 'cpu' || (quick && name !== 'webgpu')) continue
    if (available) results.push(emptyResult(name, adapter, software, only))
    else say(`${name}: not here (${reason})`)
  }
  await measure(planOf(results, quick, only.length > 0), 60 * (given ?? (quick ? usualMinutes / 4 : usualMinutes)), say)
  for (const result of results) report(result, say)
  const measured = results.some(({ backend, software }) => backend === 'webgpu' && !software)
  const minutes = (performance.now() - begun) / 60_000
  say(
    `\n${minutes.toFixed(1)} minutes; ${measured ? 'a GPU was measured' : 'no GPU was measured: what is counted here is an imitation in software, whose speed says nothing of one'}`
  )
  return {
    ...{ bench: 'gpu', date: new Date().toISOString().slice(0, 10), quick, minutes },
    ...{ processor: cpuName(), cores: availableParallelism(), load, measured },
    counted: { memories: sizeText('memory', countedSize), blocks: sizeText('block', countedSize) },
    results
  }
}

function emptyResult(backend: string, adapter: string, software: boolean, only: readonly string[]): GpuBackend {
  const rows = (interfaces: string): { model: string; notes: string[] }[] =>
    builtInModels
      .filter((model) => model.interfaces.includes(interfaces as never) && (!only.length || only.includes(model.id)))
      .map(({ id }) => ({ model: id, notes: [] }))
  return {
    ...{ backend, adapter, software, peaks: null },
    ...{ memories: rows('key-value'), blocks: rows('sequence') },
    ...(!only.length && { fixtures: { passed: 0, failed: [], left: [] } })
  }
}

/** What is to be done. */
function planOf(results: readonly GpuBackend[], quick: boolean, part: boolean): Planned[] {
  const rows = (of: GpuBackend, job: (kind: RowKind, name: string) => GpuJob): Planned[] => [
    ...of.memories.map(({ model }) => ({ of, job: job('memory', model) })),
    ...of.blocks.map(({ model }) => ({ of, job: job('block', model) }))
  ]
  const gpus = results.filter(({ backend }) => backend === 'webgpu')
  // An imitation has no speed that is worth a word.
  const timed = results.filter(({ software }) => !software)
  const size = quick ? countedSize : memorySizes.length - 1
  const files = readdirSync(join(import.meta.dirname, '../golden')).filter((file) => file.endsWith('.json'))
  return [
    ...timed.map((of): Planned => ({ of, job: { part: 'peaks' } })),
    ...gpus.flatMap((of) => rows(of, (kind, name) => ({ part: 'counts', kind, name }))),
    ...(part ? [] : results.flatMap((of) => files.map((name): Planned => ({ of, job: { part: 'fixture', name } })))),
    ...timed.flatMap((of) =>
      rows(of, (kind, name) => ({ part: 'times', kind, name, size, budget: repeats, most: Infinity }))
    ),
    ...gpus.flatMap((of) => rows(of, (kind, name) => ({ part: 'plain', kind, name })))
  ]
}

/** What all jobs of a part may take of the time beside the other parts; what one leaves is for those after it. */
const partWeights = { peaks: 0.3, counts: 2, fixture: 2, times: 3, plain: 3 } as const
/** Fixtures begin with shaders that are compiled on a GPU, and are nothing for a processor. */
const weightOf = ({ of, job }: Planned): number => (of.backend !== 'webgpu' && job.part === 'fixture' ? 0.1 : 1)

/** Memories and blocks, and the fixtures of each backend, have a share of the time each. */
const partOf = ({ of, job }: Planned): string =>
  `${job.part} ${'kind' in job ? job.kind : job.part === 'fixture' ? of.backend : ''}`

async function measure(all: readonly Planned[], time: number, say: (text: string) => void): Promise<void> {
  const end = performance.now() + 1000 * time
  const leftOf = (until: number): number => Math.max(0, (until - performance.now()) / 1000)
  const workers = new Map<GpuBackend, GpuWorker>()
  /** What was over its share or not begun: it is tried again with what is left in the end. */
  const again: Planned[] = []
  let doing = ''

  /** @param last whether what is over its share now is not tried again */
  async function does(planned: Planned, others: Planned[], until: number, last: boolean): Promise<void> {
    const { of, job } = planned
    const worker = workers.get(of) ?? new GpuWorker(join(import.meta.dirname, 'gpu-child.ts'), of.backend)
    workers.set(of, worker)
    const ready = async (): Promise<boolean> =>
      leftOf(until) > 0 && (await worker.ready(Math.min(startSeconds, leftOf(until))))
    if (!(await ready()) && !(await ready())) {
      const why = leftOf(until) > 0 ? `${of.backend} did not start` : 'the time was over'
      if (last) note(planned, planned.over ?? why)
      else again.push(planned)
      return
    }
    const share = shareOf(leftOf(until), [planned, ...others].map(weightOf), worker.patience)
    const now = `${of.backend}: ${job.part}${last ? ', again' : ''}`
    if (now !== doing) say((doing = now))
    const most = of.peaks ? share * of.peaks.flopsPerSecond : Infinity
    const answer = await worker.ask(job.part === 'times' ? { ...job, most } : job, share)
    const over = answer.over === undefined ? undefined : `not within ${answer.over.toFixed(1)} s`
    const why = over ?? answer.error
    if (why === undefined) keep(planned, answer)
    else if (job.part === 'times' && job.size > countedSize) {
      note(planned, why)
      others.unshift({ of, job: { ...job, size: job.size - 1 } })
    } else if (over && !last) again.push({ ...planned, over })
    else note(planned, why)
  }

  const parts = Object.entries(Object.groupBy(all, partOf)).map(
    ([name, jobs = []]): { weight: number; jobs: Planned[] } => ({
      weight: partWeights[name.split(' ')[0] as keyof typeof partWeights],
      jobs
    })
  )
  for (let part = parts.shift(); part; part = parts.shift()) {
    const rest = parts.reduce((sum, { weight }) => sum + weight, part.weight)
    const until = performance.now() + (1000 * leftOf(end) * part.weight) / rest
    for (let planned = part.jobs.shift(); planned; planned = part.jobs.shift())
      await does(planned, part.jobs, until, false)
  }
  for (let planned = again.shift(); planned; planned = again.shift()) await does(planned, again, end, true)
  for (const worker of workers.values()) worker.end()
}

function rowOf(of: GpuBackend, { kind, name }: { kind: RowKind; name: string }): GpuBackend['memories'][number] {
  const rows: { model: string }[] = kind === 'memory' ? of.memories : of.blocks
  return rows.find(({ model }) => model === name) as GpuBackend['memories'][number]
}

type Answer = Awaited<ReturnType<GpuWorker['ask']>>

function keep({ of, job }: Planned, { peaks, passed, row }: Answer): void {
  if (job.part === 'peaks') of.peaks = peaks!
  else if (job.part === 'fixture') {
    if (passed) of.fixtures!.passed++
    else of.fixtures!.failed.push(job.name)
  } else Object.assign(rowOf(of, job), row, job.part === 'times' && { size: sizeText(job.kind, job.size) })
}

const parts = { counts: 'counts', plain: 'counts on plain ops', times: 'times' } as const

function note({ of, job }: Planned, why: string): void {
  if (job.part === 'peaks') return
  if (job.part === 'fixture') of.fixtures!.left.push(`${job.name} (${why})`)
  else {
    const what = job.part === 'times' ? `${parts.times} of ${sizeText(job.kind, job.size)}` : parts[job.part]
    rowOf(of, job).notes.push(`${what}: ${why}`)
  }
}

/** Dispatches and bytes read back, and in brackets what plain ops take. */
function counts(of: Counts | undefined, plain: Counts | undefined): string {
  if (!of) return ''
  const said = (pick: (counts: Counts) => number, text: (value: number) => string): string =>
    plain ? `${text(pick(of))} (${text(pick(plain))})` : text(pick(of))
  const dispatches = said(
    (c) => c.dispatches,
    (n) => n.toFixed(n < 10 && !Number.isInteger(n) ? 2 : 0)
  )
  return `${dispatches} dispatches, ${said(
    (c) => c.readBack,
    (n) => Math.round(n).toString()
  )} bytes back`
}

/** What a row's time is of what the machine's peaks allow. */
function roofText({ work }: GpuBackend['memories'][number] | GpuBackend['blocks'][number], of: GpuBackend): string {
  if (!work || !of.peaks) return ''
  const { intensity, flopsPerSecond, share } = roofShare(work, of.peaks)
  return `${intensity.toPrecision(3)} FLOP/byte, ${siNumber(flopsPerSecond)}FLOP/s, ${percent(share)} of the roofline`
}

function report(of: GpuBackend, say: (text: string) => void): void {
  const { backend, adapter, software, peaks, memories, blocks, fixtures } = of
  say(`\n${backend}: ${adapter}${software ? ': counts hold, times are those of an imitation and no GPU’s' : ''}`)
  if (peaks)
    say(
      `peaks of ${software ? 'the imitation' : 'the roofline'}: ${siNumber(peaks.flopsPerSecond)}FLOP/s (matrix product), ${siNumber(peaks.bytesPerSecond)}B/s (copy)`
    )
  const line = (model: string, size: string | undefined, said: readonly string[]): void =>
    say(`${model.padEnd(24)} ${said.filter(Boolean).join('; ')}${size ? ` [${size}]` : ''}`)
  for (const row of memories) {
    const { model, times, store, perItem, perQuery, plain, notes, size } = row
    line(model, size, [
      times ? `store ${times.store.toFixed(3)} ms, retrieve ${times.retrieve.toFixed(3)} ms a trial` : '',
      roofText(row, of),
      store ? `a store ${counts(store, plain?.store)}` : '',
      perItem ? `an item ${counts(perItem, plain?.perItem)}` : '',
      perQuery ? `a query ${counts(perQuery, plain?.perQuery)}` : '',
      ...notes
    ])
  }
  for (const row of blocks) {
    const { model, stepMs, perStep, plain, layers, notes, size } = row
    line(model, size, [
      stepMs === undefined ? '' : `a step ${stepMs.toFixed(1)} ms`,
      roofText(row, of),
      perStep ? `a step ${counts(perStep, plain)}${layers ? '' : ' (a pass of reading: it is not trained)'}` : '',
      ...notes
    ])
  }
  if (!fixtures) return
  const some = (what: string, files: readonly string[]): string =>
    files.length ? `; ${what}: ${files.join(', ')}` : ''
  say(`fixtures: ${fixtures.passed} passed${some('failed', fixtures.failed)}${some('left out', fixtures.left)}`)
}
