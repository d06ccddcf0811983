/**
 * What the README and the reference say of the benches, as their last saved results have it: rows of the README's table, and
 * tables of the reference with a paragraph each of their conditions.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { gpuLines, gpuOf, type GpuTable } from '../../src-shared/cost/gpu-table.ts'
import type { BenchResult, ModelsResult, SequenceResult } from './bench-results.ts'
import { total } from './timed-memory.ts'

const root = join(import.meta.dirname, '../..')
export const resultFile = (bench: string): string => join(root, `resources/measured/${bench}.json`)

export interface Claims {
  /** What, and measured how: a row of the README's table is found by its first cell. */
  readme: (readonly [what: string, measured: string])[]
  /** The first row says which table of the reference it is. */
  tables: (readonly string[])[][]
  /** Paragraphs of the reference, found by how they begin: a command. */
  paragraphs: string[]
}

const twoDigits = (x: number): string => x.toFixed(Math.abs(x) < 10 ? 2 : Math.abs(x) < 100 ? 1 : 0)
const span = (ratios: readonly number[]): string => {
  const sorted = [...ratios].sort((a, b) => a - b)
  return `from ${twoDigits(sorted[0]!)} to ${twoDigits(sorted.at(-1)!)}`
}
const day = (date: string): string =>
  new Date(`${date}T12:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })

/** Machine, day, and how busy the machine was: a load of as much as one is more than the bench itself. */
function conditions({ processor, cores, load, date, quick, torch }: ModelsResult | SequenceResult): string {
  const busy = load[0] < 0.5 ? 'idle at the start' : `load ${load[0].toFixed(1)} at the start`
  const { version, kernel, width } = torch!
  const generic = width === 'generic' ? ': ratios against a generic kernel' : ''
  return `${processor}, ${cores} cores, ${busy}, ${day(date)}${quick ? ', with `--quick`' : ''}; PyTorch ${version} with ${kernel} (${width}${generic})`
}

const missedOf = (missed: readonly string[]): string =>
  missed.length ? `Missed: ${missed.join('; ')}.` : 'All aims are met.'

function modelClaims(result: ModelsResult): Claims {
  const { rows, jobs, products, torch, missed, loopMean, mean, jobMean, compared, agreement, dim, items } = result
  const ratio = (row: ModelsResult['rows'][number], form: 'loop' | 'vectorised'): number[] =>
    row[form] ? [total(row[form]) / total(row.ours)] : []
  const job = (model: string): ModelsResult['jobs'][number] => jobs.find((one) => one.model === model)!
  const star = torch?.width === 'generic' ? ' (generic kernel)' : ''
  const worst = Math.max(...agreement.flatMap(({ loop = 0, vectorised = 0 }) => [loop, vectorised]))
  return {
    readme: [
      [
        'Product of 512 by 512, one thread',
        `${products.ours.one.toFixed(0)} GFLOP/s; PyTorch ${products.torch?.one.toFixed(0)} (${torch?.kernel}, ${torch?.width})`
      ],
      [
        "Memories beside PyTorch's loops, thread for thread",
        `${twoDigits(loopMean!)} times as fast in the mean${star}`
      ],
      [
        'and beside its vectorised forms',
        `${twoDigits(mean!)} times, ${span(rows.flatMap((row) => ratio(row, 'vectorised')))}${star}`
      ],
      [
        'The whole job: 32 seeds, all cores and threads',
        `${twoDigits(jobMean!)} times, ${span(jobs.flatMap(({ ours, torch }) => (torch?.form === 'vectorised' ? [torch.wall / ours.wall] : [])))}${star}`
      ]
    ],
    tables: [
      [
        ['model', 'store', 'retrieve', 'loop', 'vectorised', 'the job here', 'in PyTorch', 'ratio'],
        ...rows.map((row) => {
          const { ours, torch } = job(row.model)
          return [
            row.model,
            twoDigits(row.ours.store),
            twoDigits(row.ours.retrieve),
            ...(['loop', 'vectorised'] as const).map((form) => ratio(row, form).map(twoDigits).join('')),
            twoDigits(ours.wall),
            torch ? `${twoDigits(torch.wall)}${torch.form === 'loop' ? ' (loop)' : ''}` : '',
            torch ? twoDigits(torch.wall / ours.wall) : ''
          ]
        })
      ]
    ],
    paragraphs: [
      `\`npm run bench -- models\` last ran on ${conditions(result)}. A product of 512 by 512 runs at ` +
        `${products.ours.one.toFixed(0)} GFLOP/s on one thread and ${products.ours.all.toFixed(0)} on all cores here, at ` +
        `${products.torch?.one.toFixed(0)} and ${products.torch?.all.toFixed(0)} in PyTorch. Of ${compared.items} items both recall ` +
        `the same within ${worst.toExponential(0)}. In the mean ${twoDigits(loopMean!)} times the loop, ${twoDigits(mean!)} times ` +
        `the vectorised form, and ${twoDigits(jobMean!)} times for the whole job where PyTorch has one too. ${missedOf(missed)} ${items.toLocaleString('en')} ` +
        `items and as many queries, d = ${dim}; store and retrieve: ms a trial; loop and vectorised: how many times as fast as ` +
        `PyTorch, thread for thread, in CPU time; the job: ms of 32 seeds by the clock:`
    ]
  }
}

function sequenceClaims(result: SequenceResult): Claims {
  const { rows, missed, steps } = result
  const measured = rows.flatMap(({ ours, torch }) => (torch ? [torch.eight.wall / ours.eight.wall] : []))
  return {
    readme: [
      [
        'Training blocks beside PyTorch: its time over ours',
        `${span(measured).replace('from ', '')}; ${missed.length ? `${missed.length} of ${rows.length} aims (1.5 and 3) missed` : 'aims of 1.5 and 3 met'}`
      ]
    ],
    tables: [
      [
        ['block', 'd', 'here', 'PyTorch', 'its form', 'ratio', 'aim'],
        ...rows.map(({ model, dim, ours, torch, aim }) => [
          model,
          `${dim}`,
          twoDigits(ours.eight.wall),
          torch ? twoDigits(torch.eight.wall) : '',
          torch?.form ?? '',
          torch ? twoDigits(torch.eight.wall / ours.eight.wall) : '',
          `${aim}`
        ])
      ]
    ],
    paragraphs: [
      `\`npm run bench -- sequence\` last ran on ${conditions(result)}. ${missedOf(missed)} Ms a seed and step by the clock, of eight ` +
        `seeds on all cores, ${steps} steps; PyTorch in its best form:`
    ]
  }
}

/** A software adapter is no GPU, and what it counts is no measurement of one. */
function gpuClaims(table: GpuTable): Claims {
  const { results, measured, processor, cores, load, date, quick, counted } = table
  const gpu = gpuOf(table)
  const lines = gpuLines(table)
  const on = (backend: string): number => results.findIndex((result) => result.backend === backend)
  const timed = results.flatMap(({ software }, at) => (software ? [] : [at]))
  const reached = (at: number): number => lines.filter(({ values }) => values[at]!.ms !== undefined).length
  const known = lines.filter(({ dispatches }) => dispatches !== undefined).length
  const whole = (x: number | undefined): string => (x === undefined ? '' : x.toFixed(0))
  const busy = load < 0.5 ? 'idle at the start' : `load ${load.toFixed(1)} at the start`
  const peaks = timed.flatMap((at) => {
    const { backend, peaks } = results[at]!
    const [product, copy] = peaks ? [peaks.flopsPerSecond / 1e9, peaks.bytesPerSecond / 1e9] : []
    return peaks ? [`${backend} ${twoDigits(product!)} GFLOP/s and ${twoDigits(copy!)} GB/s`] : []
  })
  const fixtures = results.flatMap(({ backend, fixtures }) => {
    if (!fixtures) return []
    const { passed, failed, left } = fixtures
    const rest = [
      ...(failed.length ? [`${failed.length} fail: ${failed.join(', ')}`] : []),
      ...(left.length ? [`${left.length} not within their share of the time`] : [])
    ]
    return [`${passed} pass on ${backend}${rest.length ? ` (${rest.join('; ')})` : ''}`]
  })
  const backends = timed.map((at) => results[at]!.backend)
  return {
    readme: [
      [
        'A GPU',
        measured
          ? `${gpu!.adapter}: ${reached(on('webgpu'))} memories and blocks timed, ${gpu!.fixtures?.passed ?? 0} fixtures pass`
          : `none measured${gpu ? `; dispatches of ${known} memories and blocks counted on software Vulkan` : ''}`
      ]
    ],
    tables: [
      [
        [
          'memory or block',
          'dispatches',
          'plain',
          ...backends.flatMap((name) => [`${name}, ms`, 'FLOP/byte', 'of roof'])
        ],
        ...lines.map(({ model, kind, dispatches, plain, values }) => [
          `${model}${kind === 'block' ? ', a step' : ''}`,
          whole(dispatches),
          whole(plain),
          ...timed.flatMap((at) => {
            const { ms, roof } = values[at]!
            return [
              ms === undefined ? '' : twoDigits(ms),
              roof ? twoDigits(roof.intensity) : '',
              roof ? `${Number((100 * roof.share).toPrecision(2))} %` : ''
            ]
          })
        ])
      ]
    ],
    paragraphs: [
      `\`npm run bench -- gpu\` last ran on ${processor}, ${cores} cores, ${busy}, ${day(date)}${quick ? ', with `--quick`' : ''}. ` +
        (measured
          ? `The GPU: ${gpu!.adapter}. `
          : `No GPU has been measured${gpu ? `: dispatches were counted on ${gpu.adapter}` : ''}. `) +
        `Peaks of the roofline: ${peaks.join('; ')}. Golden fixtures: ${fixtures.join('; ')}. Dispatches of a store ` +
        `(${counted.memories}) or of a step of training (${counted.blocks}), and the same on plain ops; ms of a trial of storing ` +
        `and retrieving or of a step, at the full size or the largest that fitted its share of the time; operations for each byte that must move, and ` +
        `the share of the roofline that was reached. Operations are those of the formulas: a step that a threshold ends early counts as ` +
        `taken, and a kernel may need fewer, so that a share can lie above 100 %:`
    ]
  }
}

/** @throws where there was nothing to compare with: then no ratio can be kept */
export function claimsOf(result: BenchResult): Claims {
  if (result.bench === 'gpu') return gpuClaims(result)
  if (!result.torch) throw new Error('Without PyTorch there are no ratios to keep.')
  return result.bench === 'models' ? modelClaims(result) : sequenceClaims(result)
}

export const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

const isTable = (line: string | undefined): boolean => line?.startsWith('|') === true

/** The README with its rows. @throws where it has no row for a claim */
export function renewReadme(text: string, { readme }: Claims): string {
  const lines = text.split('\n')
  for (const [what, measured] of readme) {
    const at = lines.findIndex((line) => isTable(line) && cellsOf(line)[0] === what)
    if (at < 0) throw new Error(`The README's table has no row "${what}".`)
    lines[at] = `| ${what} | ${measured} |`
  }
  return lines.join('\n')
}

/** The reference with its tables and paragraphs. @throws where it has none of a claim's */
export function renewReference(text: string, { tables, paragraphs }: Claims): string {
  let lines = text.split('\n')
  for (const table of tables) {
    const at = lines.findIndex((line) => isTable(line) && cellsOf(line).join() === table[0]!.join())
    if (at < 0) throw new Error(`The reference has no table of "${table[0]!.join(', ')}".`)
    let end = at
    while (isTable(lines[end])) end++
    const rows = [table[0]!, table[0]!.map(() => '---'), ...table.slice(1)].map((row) => `| ${row.join(' | ')} |`)
    lines = [...lines.slice(0, at), ...rows, ...lines.slice(end)]
  }
  for (const paragraph of paragraphs) {
    const begins = paragraph.slice(0, paragraph.indexOf(' last ran') + 9)
    const at = lines.findIndex((line) => line.startsWith(begins))
    if (at < 0) throw new Error(`The reference has no paragraph "${begins}".`)
    let end = at
    while (lines[end]?.trim()) end++
    lines = [...lines.slice(0, at), ...wrapped(paragraph), ...lines.slice(end)]
  }
  return lines.join('\n')
}

/** Lines of at most 120 characters. */
function wrapped(text: string): string[] {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last && last.length + word.length > 119) lines.push(word)
    else lines[lines.length - 1] = last ? `${last} ${word}` : word
  }
  return lines
}

async function write(file: string, text: string): Promise<void> {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }))
}

/** Keeps a result, and has the README and the reference say it. Numbers are kept to five digits. */
export async function saveResult(result: BenchResult): Promise<void> {
  const kept = JSON.stringify(result, (_, x: unknown) => (typeof x === 'number' ? Number(x.toPrecision(5)) : x))
  const stored = JSON.parse(kept) as BenchResult
  const claims = claimsOf(stored)
  const [readme, reference] = ['README.md', 'resources/guide/reference.md'].map((file) => join(root, file))
  const texts = [
    renewReadme(readFileSync(readme!, 'utf8'), claims),
    renewReference(readFileSync(reference!, 'utf8'), claims)
  ]
  await write(resultFile(result.bench), kept)
  await write(readme!, texts[0]!)
  await write(reference!, texts[1]!)
}
