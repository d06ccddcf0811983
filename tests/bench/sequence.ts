/**
 * Training of sequence blocks side by side with PyTorch, in one run: the same stack, sizes, data and steps (8 pairs in 64
 * tokens, batch 16, two layers), here on wasm and there in every form of a block that torch_sequence.py has. Three jobs:
 * one seed on one thread, one seed on all threads (PyTorch only), and eight seeds on all cores: as many processes at once
 * as there are cores, PyTorch's seeds one after another or as one batch, whichever is faster.
 *
 * Two clocks: the wall's, and CPU time of the computing processes, so that what other work on the machine took can be seen.
 * Ratios are by the wall's clock, which a user waits for; of CPU time they stand beside.
 * Rounds in turns; of all of them the least counts.
 */
import { spawn } from 'node:child_process'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { aboutTorch, torchInterpreter } from '../support/torch-server.ts'
import { cpuName } from '../../src-main/tensors/backends/cpu.ts'
import type { SequenceResult, SequenceRow, Span } from '../support/bench-results.ts'
import type { BenchOptions } from './run.ts'

const here = import.meta.dirname
const eight = 8
/** The blocks, with what the examples give them, PyTorch's forms, and how many times faster than PyTorch is the aim. */
const blocks = [
  { id: 'attention', params: { heads: 1 }, forms: ['direct'], aim: 1.5 },
  { id: 'episodic-cmr', params: { heads: 1 }, forms: ['direct'], aim: 1.5 },
  { id: 'gated-delta-rule', params: { heads: 1 }, forms: ['chunked', 'scripted', 'loop'], aim: 3 },
  { id: 'titans', params: { chunk: 16 }, forms: ['direct'], aim: 3 }
]

export async function bench({ quick, json, only }: BenchOptions): Promise<SequenceResult> {
  const cores = Math.min(eight, availableParallelism())
  const [steps, warm, rounds] = quick ? [8, 2, 1] : [16, 4, 3]
  const [before, begun] = [loadavg()[0], performance.now()]
  const python = torchInterpreter()
  const say = (text: string): void => void (json || console.log(text))
  const about = python ? aboutTorch(python) : undefined
  say(
    about
      ? `PyTorch ${about.version}, BLAS kernel ${about.kernel} (${about.width})`
      : 'python3 with torch is not here: no comparison'
  )
  say(`${cores} cores; CPU ms a seed and step (by the clock in brackets), ${steps} steps`)
  const rows: SequenceRow[] = []
  for (const dim of [32, 64])
    for (const { id, params, forms, aim } of blocks) {
      if (only.length && !only.includes(id)) continue
      const mine = (seeds: number, at: number): Promise<Span> =>
        atOnce(at, process.execPath, [
          ...['--disable-warning=ExperimentalWarning', join(here, 'sequence-child.ts'), id, JSON.stringify(params)],
          ...[dim, seeds, steps, warm].map(String)
        ])
      const theirs = (form: string, seeds: number, threads: number, at: number): Promise<Span> =>
        atOnce(at, python!, [
          join(here, 'torch_sequence.py'),
          ...[dim, seeds, steps, warm, threads].map(String),
          `${form}:${id}`
        ])
      const measured: SequenceRow[] = []
      for (let round = 0; round < rounds; round++) {
        const row: SequenceRow = {
          ...{ model: id, dim, aim },
          ours: { one: await mine(1, 1), eight: await mine(eight / cores, cores) }
        }
        measured.push(row)
        if (!python) continue
        // Which form is best shows in the first round.
        const known = measured[0]!.torch
        const all: Record<string, Span> = {}
        for (const form of known ? [known.form] : forms) all[form] = await theirs(form, 1, 1, 1)
        const form = Object.keys(all).reduce((best, one) => (all[one]!.cpu < all[best]!.cpu ? one : best))
        const threads = await theirs(form, 1, cores, 1)
        const apart = await theirs(form, 1, 1, cores)
        const together = await theirs(form, eight / cores, 1, cores)
        const joined = together.cpu < apart.cpu
        row.torch = { form, forms: all, one: all[form]!, threads, eight: joined ? together : apart, together: joined }
      }
      rows.push(leastOf(measured))
      say(lineOf(rows.at(-1)!))
    }
  const missed = rows.flatMap(({ model, dim, aim, ours, torch }) => {
    const ratio = torch && torch.eight.wall / ours.eight.wall
    return ratio !== undefined && ratio < aim ? [`${model} at d ${dim}: ${ratio.toFixed(2)} of ${aim}`] : []
  })
  if (python) say(missed.length ? `missed: ${missed.join('; ')}` : 'all aims are met')
  const [after, minutes] = [loadavg()[0], (performance.now() - begun) / 60_000]
  say(`load ${before.toFixed(1)} at the start, ${after.toFixed(1)} at the end; ${minutes.toFixed(1)} minutes`)
  return {
    ...{ bench: 'sequence', date: new Date().toISOString().slice(0, 10), quick, minutes, processor: cpuName(), cores },
    ...{ load: [before, after], torch: about, steps, missed, rows }
  }
}

/** The least of all rounds, each time by itself: what else the machine does only ever adds. */
function leastOf([first, ...more]: readonly SequenceRow[]): SequenceRow {
  const least = (pick: (row: SequenceRow) => Span | undefined): Span => {
    const spans = [first!, ...more].flatMap((row) => pick(row) ?? [])
    return { wall: Math.min(...spans.map(({ wall }) => wall)), cpu: Math.min(...spans.map(({ cpu }) => cpu)) }
  }
  return {
    ...first!,
    ours: { one: least(({ ours }) => ours.one), eight: least(({ ours }) => ours.eight) },
    ...(first!.torch && {
      torch: {
        ...first!.torch,
        one: least(({ torch }) => torch?.one),
        threads: least(({ torch }) => torch?.threads),
        eight: least(({ torch }) => torch?.eight)
      }
    })
  }
}

const said = ({ wall, cpu }: Span): string => `${cpu.toFixed(1)} (${wall.toFixed(1)})`

function lineOf({ model, dim, ours, torch, aim }: SequenceRow): string {
  const mine = `here one ${said(ours.one)}, eight ${said(ours.eight)}`
  const start = `${model.padEnd(17)} d ${dim}  ${mine}`
  if (!torch) return start
  const { form, one, threads, eight, together } = torch
  const times = `one ${said(one)}, all threads ${said(threads)}, eight${together ? ' as a batch' : ''} ${said(eight)}`
  const ratios = `${(eight.wall / ours.eight.wall).toFixed(2)} (CPU ${(eight.cpu / ours.eight.cpu).toFixed(2)})`
  return `${start}; PyTorch, ${form}: ${times}; ratio ${ratios}, aim ${aim}`
}

/** So many of the same process at once: their mean CPU time, and the clock's a seed and step of all of them together. */
async function atOnce(count: number, command: string, args: readonly string[]): Promise<Span> {
  const times = await Promise.all(Array.from({ length: count }, () => once(command, args)))
  const mean = (pick: (time: Span) => number): number => times.reduce((sum, time) => sum + pick(time), 0) / count
  return { cpu: mean(({ cpu }) => cpu), wall: mean(({ wall }) => wall) / count }
}

function once(command: string, args: readonly string[]): Promise<Span> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', (part: Buffer) => (out += part.toString()))
    child.stderr.on('data', (part: Buffer) => (err += part.toString()))
    child.on('error', reject)
    child.on('close', (status) => {
      if (status !== 0) reject(new Error(`${command} ${args.join(' ')} failed: ${err}`))
      else resolve(JSON.parse(out.trim().split('\n').at(-1)!) as Span)
    })
  })
}
