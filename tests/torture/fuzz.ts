/**
 * Hostile calls and hostile files: every call of the contract with what no page sends, and every reader of files with
 * bytes that no program wrote. Each is answered, or refused by an error of the catalogue; nothing throws past it, nothing
 * quotes the file, and the store is whole afterwards.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { calls, isCallName, type CallName } from '../../src-shared/contract/index.ts'
import { parseMarkdown, markdownLatex, markdownMarkup } from '../../src-shared/documents/markdown.ts'
import { parseResults } from '../../src-shared/exchange/results-file.ts'
import { StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import { parseExperiment } from '../../src-shared/shapes/experiment.ts'
import { seeded } from '../../src-shared/statistics/random.ts'
import { dispatch } from '../../src-main/hosts/dispatch.ts'
import { importFile } from '../../src-main/studio/imports.ts'
import { createStudio } from '../../src-main/studio/studio.ts'
import { readVectors } from '../../src-main/studio/vectors.ts'
import { openStore } from '../../src-main/store/open.ts'
import { loadWeights, writeNpz, writeSafetensors } from '../../src-main/tensors/weights/files.ts'
import { FakeMachine } from '../main/studio/fake-engine.ts'
import { twoModels } from '../main/studio/support.ts'
import type { Campaign } from './campaign.ts'

/** Stands in every file: an error that holds it has quoted the file. */
const secret = 'q7SECRETq7'

const words = [
  '',
  ' ',
  '\u0000',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '💥\ud800',
  '<img src=x>',
  '=1+1',
  '1e999',
  'NaN',
  'null',
  '-0',
  'a'.repeat(5000),
  '%00',
  '\u202e',
  secret
]
const numbers = [0, -0, -1, 1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e308, 5e-324, 100_000]

export const fuzz: Campaign = async ({ rounds, seed, folder, tell }) => {
  const next = seeded(seed)
  const below = (n: number): number => Math.floor(next() * n)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]
  const summary: Record<string, number> = { answered: 0, refused: 0 }
  const failures: string[] = []

  const fake = new FakeMachine({})
  const data = join(folder, 'data')
  const studio = await createStudio({ dataFolder: data, host: 'serve', startEngine: fake.start, emit: () => {} })
  const begun = await dispatch(studio.handlers, 'runs.start', { experiment: twoModels(2) })
  const run = begun.ok ? (begun.value as { id: string }).id : ''
  const store = openStore({ folder: join(folder, 'imports') })
  const files = join(folder, 'files')
  mkdirSync(files)

  const value = (depth: number): unknown => {
    switch (below(depth > 4 ? 6 : 9)) {
      case 0:
        return pick(words)
      case 1:
        return pick(numbers)
      case 2:
        return pick([true, false, null, undefined])
      case 3:
        return run
      case 4:
        return pick(['html', 'csv-long', 'parquet', 'json', 'done', 'wasm', 'capacity', 'count', 'score', 'runs'])
      case 5:
        return new Date(below(2e9) * 1000).toISOString()
      case 6:
        return Array.from({ length: below(6) }, () => value(depth + 1))
      case 7:
        return deep(below(400))
      default:
        return Object.fromEntries(Array.from({ length: below(6) }, () => [pick(words), value(depth + 1)]))
    }
  }
  const deep = (levels: number): unknown => {
    let inner: unknown = pick(words)
    for (let i = 0; i < levels; i++) inner = next() < 0.5 ? [inner] : { a: inner }
    return inner
  }
  /** What a call takes, by the names of its fields, with a hostile value here and there. */
  const input = (name: CallName): unknown => {
    if (next() < 0.1) return value(0)
    const schema = calls[name].input as unknown as { shape?: Record<string, unknown> }
    const fields = Object.keys(schema.shape ?? { ids: 1, format: 1, report: 1 })
    return Object.fromEntries(fields.map((field) => [field, plausible(field)]))
  }
  const plausible = (field: string): unknown => {
    if (next() < 0.3) return value(0)
    if (field === 'id' || field === 'baseline') return run
    if (field === 'ids') return Array.from({ length: 1 + below(3) }, () => (next() < 0.8 ? run : pick(words)))
    if (field === 'experiment') return broken(twoModels(2))
    if (field === 'trial' || field === 'offset') return below(20)
    if (field === 'limit' || field === 'sample' || field === 'length') return 1 + below(20)
    if (field === 'more' || field === 'trashed') return next() < 0.5
    if (field === 'part' || field === 'content') return Buffer.from(pick(words)).toString('base64')
    return pick(words)
  }
  /** A value with one place of it replaced or removed. */
  const broken = (given: unknown): unknown => {
    const copy = structuredClone(given)
    let at = copy as Record<string, unknown>
    for (;;) {
      const keys = Object.keys(at)
      if (!keys.length) return copy
      const key = pick(keys)
      const inner = at[key]
      if (typeof inner === 'object' && inner !== null && next() < 0.7) at = inner as Record<string, unknown>
      else {
        if (next() < 0.2) delete at[key]
        else at[key] = value(0)
        return copy
      }
    }
  }
  /** Bytes with some of them changed, cut out, doubled or cut off. */
  const torn = (bytes: Buffer): Buffer => {
    let out = Buffer.from(bytes)
    for (let i = below(6); i >= 0 && out.length > 0; i--) {
      const at = below(out.length)
      const to = Math.min(out.length, at + below(20))
      switch (below(4)) {
        case 0:
          out[at] ^= 1 << below(8)
          break
        case 1:
          out = Buffer.concat([out.subarray(0, at), out.subarray(to)])
          break
        case 2:
          out = Buffer.concat([out.subarray(0, to), out.subarray(at)])
          break
        default:
          if (next() < 0.3) out = out.subarray(0, at)
      }
    }
    return out
  }

  const tensors = new Map([[secret, { shape: [4], data: Float32Array.of(1, 2, 3, 4) }]])
  const results = JSON.stringify({
    format: 'engram-results/1',
    version: secret,
    created: secret,
    runs: [{ id: secret }]
  })
  const csv = `subject,list,position,trial_type,item\n1,1,1,study,${secret}\n1,1,1,recall,${secret}\n`
  const markdown = `# ${secret}\n\n> - a\n>   - *b* **c** [d](https://e.f) \`g\`\n\n| h | i |\n|-|-|\n| j | k |\n`
  const readers: [string, () => unknown][] = [
    ['experiment', () => parseExperiment(torn(Buffer.from(JSON.stringify(twoModels(2)))).toString('utf8'))],
    ['results', () => parseResults(torn(Buffer.from(results)).toString('utf8'))],
    [
      'import',
      () =>
        importFile(
          pick(['a.json', 'a.csv', 'a.db', 'a']),
          torn(Buffer.from(pick([results, csv, 'SQLite format 3\u0000']))),
          store
        )
    ],
    [
      'vectors',
      () =>
        readVectors(
          pick(['a.csv', 'a.npy', 'a.txt']),
          torn(pick([Buffer.from('1,2\n3,4\n'), writeNpz(tensors).subarray(40)]))
        )
    ],
    [
      'weights',
      async () => {
        const [ending, bytes] = pick<[string, Buffer]>([
          ['.npz', writeNpz(tensors)],
          ['.safetensors', Buffer.from(writeSafetensors(tensors))],
          ['.json', Buffer.from(`root:x:0:0:${secret}`)],
          ['.json', Buffer.from(JSON.stringify({ weights: { W: { shape: [1], data: [1] } } }))]
        ])
        const file = join(files, `w${ending}`)
        writeFileSync(file, torn(bytes))
        await loadWeights(file)
      }
    ],
    [
      'markdown',
      () => {
        const text =
          next() < 0.2
            ? pick(['>', '- ', '1. ', '[', '*_', '| a ']).repeat(below(5000))
            : torn(Buffer.from(markdown)).toString('utf8')
        const nodes = parseMarkdown(text)
        markdownLatex(nodes)
        markdownMarkup(nodes)
      }
    ]
  ]

  const names = Object.keys(calls)
  /** Names of what was sent may come back in an error; the content of a file may not. */
  const quotes = (text: string): boolean => text.includes(secret)
  for (let round = 0; round < rounds; round++) {
    if (round > 0 && round % 10_000 === 0) tell(`${round} rounds, ${failures.length} failures`)
    if (next() < 0.5) {
      const name = next() < 0.02 ? pick(words) : pick(names)
      // Each would wait for a real machine, or for the end of an export that others hold up.
      if (['exports.end', 'models.choose'].includes(name)) continue
      const given = isCallName(name) ? input(name) : value(0)
      const result = await dispatch(studio.handlers, name, given)
      summary[result.ok ? 'answered' : 'refused']++
      if (!result.ok && result.error.code === 'internal')
        failures.push(`round ${round}: ${name}: ${result.error.message} for ${JSON.stringify(given)?.slice(0, 300)}`)
    } else {
      const [name, read] = pick(readers)
      try {
        await read()
        summary.answered++
      } catch (error) {
        summary.refused++
        const { message, cause } = toErrorData(error)
        if (!(error instanceof StudioError)) failures.push(`round ${round}: ${name}: ${cause ?? message}`)
        // A name inside a whole archive or header is said; other bytes of a file never are.
        else if (name === 'weights' && quotes(message.replace(/"[\w./\- ]{1,100}"/g, '')))
          failures.push(`round ${round}: ${name} quotes the file: ${message}`)
      }
    }
  }
  for (const [what, check] of [
    ['the studio', studio.store.check()],
    ['the imports', store.check()]
  ])
    if (check !== 'ok') failures.push(`the store of ${what}: ${check}`)
  store.close()
  await studio.close()
  return { summary, failures }
}
