/**
 * `npm run reference [-- NAME...]`: the results of the ready examples that ship with the studio, computed anew. Without names
 * those that need no tuning; `--all` computes those too, which takes long. With `--data DIR` what is computed is kept there, and
 * a run that was interrupted goes on.
 *
 * Writes `resources/reference/NAME.json.gz`, the exchanged form of one run, at most 300 kB. What is too much is left out
 * in this order: curves thinned, curves left out.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { parseResults, type ResultsFile, type RunRecord } from '../src-shared/exchange/results-file.ts'
import { largestReference } from '../src-shared/exchange/ready-results.ts'
import { exportRun } from '../src-main/hosts/terminal/export.ts'
import { readExperiment } from '../src-main/hosts/terminal/run.ts'
import { withStudio } from '../src-main/hosts/terminal/session.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'resources/experiments')
const {
  values: { all, data: kept },
  positionals: names
} = parseArgs({ allowPositionals: true, options: { all: { type: 'boolean' }, data: { type: 'string' } } })

/** Every nth point of the curves, the last one included. */
const thinned = (run: RunRecord, every: number): RunRecord => ({
  ...run,
  series: run.series.map((curve) => {
    const keep = (_: unknown, i: number): boolean => i % every === 0 || i === curve.x.length - 1
    return { ...curve, x: curve.x.filter(keep), y: curve.y.map((row) => row.filter(keep)) }
  })
})

function packed({ runs: [run], ...rest }: ResultsFile): Buffer {
  const file = (record: RunRecord): Buffer => gzipSync(JSON.stringify({ ...rest, runs: [record] }), { level: 9 })
  for (const every of [1, 2, 4, 8, 16]) {
    const bytes = file(thinned(run, every))
    if (bytes.length <= largestReference) return bytes
  }
  return file({ ...run, series: [] })
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const name = file.replace(/\.json$/, '')
  if (names.length ? !names.includes(name) : false) continue
  const experiment = await readExperiment(join(folder, file))
  if (experiment.tuning && !names.length && !all) continue
  const data = kept === undefined ? mkdtempSync(join(tmpdir(), 'engram-reference-')) : join(kept, name)
  const began = performance.now()
  try {
    const id = await withStudio(data, 'change', async ({ ask, runEnd }) => {
      const [begun] = (await ask('runs.list', {})).rows
      if (begun?.status === 'done') return begun.id
      if (begun) await ask('runs.resume', { id: begun.id })
      const id = begun?.id ?? (await ask('runs.start', { experiment })).id
      const { status } = await runEnd(id, () => {})
      if (status !== 'done') throw new Error(`${name}: ${status}`)
      return id
    })
    const exported = join(data, 'run.json')
    await exportRun(data, id, 'json', exported)
    const bytes = packed(parseResults(readFileSync(exported, 'utf8')))
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    if (bytes.length > largestReference) throw new Error(`${name}: ${bytes.length} bytes`)
    writeFileSync(join(root, `resources/reference/${name}.json.gz`), bytes)
    process.stdout.write(`${name}: ${Math.ceil(bytes.length / 1000)} kB, ${seconds} s\n`)
  } finally {
    if (kept === undefined) rmSync(data, { recursive: true, force: true })
  }
}
