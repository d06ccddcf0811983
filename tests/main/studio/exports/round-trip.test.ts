import { describe, expect, it } from 'vitest'
import { exportFormats, reportFormats } from '../../../../src-shared/shapes/exported-file.ts'
import { parseExperiment } from '../../../../src-shared/shapes/experiment.ts'
import type { ImportReport } from '../../../../src-shared/contract/files.ts'
import type { CellResult } from '../../../../src-shared/shapes/run.ts'
import { readTidyCsv } from '../../../../src-shared/exchange/tidy-csv.ts'
import { exported, type Exported } from '../../../support/exported.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { asked, openStudio, refusal, twoModels, type Opened } from '../support.ts'

process.env.TMPDIR = temporaryFolder('round-trip')

const everything = { trashed: false, sort: 'created', descending: true, offset: 0, limit: 9 } as never
const log = 'run,tag,step,value\nlog,count,0,16777217\nlog,count,1,0.1\n'

/** A run of one's own and one of a log, whose curve needs every bit. */
async function twoRuns(): Promise<{ studio: Opened; ids: string[] }> {
  const studio = await openStudio()
  const { id } = await asked(studio)('runs.start', { experiment: twoModels(3) as never, name: 'Mine' })
  await studio.until(id, ['done'])
  const { runs } = await take(studio, { name: 'log.csv', bytes: Buffer.from(log) })
  return { studio, ids: [id, runs[0].id] }
}
const take = async (studio: Opened, { name, bytes }: Pick<Exported, 'name' | 'bytes'>): Promise<ImportReport> =>
  (await studio.handlers['exchange.import']({
    upload: 'u',
    name,
    part: Buffer.from(bytes).toString('base64'),
    more: false
  }))!
const contents = async (studio: Opened, ids: string[]): Promise<unknown> => ({
  runs: await Promise.all(
    ids.map(async (id) => {
      const { experiment, status, name, done } = await studio.handlers['runs.get']({ id })
      return { experiment, status, name, done }
    })
  ),
  results: await studio.handlers['runs.results']({ ids }),
  series: [
    await studio.handlers['runs.series']({ ids, name: 'count' }),
    await studio.handlers['runs.series']({ ids, name: 'curve' })
  ]
})

/** What comes back from a file of each format: the runs, a table to compare, an experiment, or the reason why not. */
const back: Record<string, 'runs' | 'table' | 'experiment' | RegExp> = {
  html: 'runs',
  json: 'runs',
  'csv-wide': 'table',
  experiment: 'experiment',
  'csv-long': /table of results.*comes back from its JSON/,
  'csv-pivot': /table of results.*comes back from its JSON/,
  csv: /table of results.*comes back from its JSON/,
  parquet: /Parquet.*comes back from its JSON/,
  latex: /This is LaTeX/,
  manifest: /manifest.*holds none of their numbers/
}

describe('an export that is taken in again', { timeout: 120_000 }, () => {
  it('brings everything back where its format holds everything, and is refused with the reason where it does not', async () => {
    const { studio, ids } = await twoRuns()
    const before = await contents(studio, ids)
    expect(before).toMatchObject({ series: [[{ y: [[16_777_217, 0.1]] }], [{}, {}, {}, {}]] })
    const report = {
      id: 'R',
      title: 'Report',
      created: '2026-01-01T00:00:00.000Z',
      changed: '2026-01-01T00:00:00.000Z',
      blocks: [{ id: 'b', kind: 'table', runs: ids, metric: 'score', at: {} }]
    }
    await studio.handlers['reports.save']({ report: report as never })
    const files = [
      ...exportFormats.map((format) => ({
        format,
        request: { ids: format === 'experiment' ? ids.slice(0, 1) : ids, format }
      })),
      ...reportFormats.map((format) => ({ format, request: { report: 'R', format } }))
    ]
    for (const { format, request } of files) {
      const file = await exported(asked(studio), request)
      const expected = back[format]
      const other = await openStudio()
      if (expected === 'runs') {
        expect((await take(other, file)).runs.map(({ id }) => id).sort(), format).toEqual([...ids].sort())
        expect(await contents(other, ids), format).toEqual(before)
        // And again: everything is here already.
        const { identical, runs } = await take(studio, file)
        expect([identical, runs.every(({ merged, trials }) => merged && trials === 0)], format).toEqual([13, true])
        expect(await contents(studio, ids), format).toEqual(before)
        continue
      }
      const { message } = await refusal(() => take(other, file))
      if (expected === 'experiment') {
        expect(message).toMatch(/Compose opens it/)
        const { experiment } = await studio.handlers['runs.get']({ id: ids[0] })
        expect(parseExperiment(file.content)).toEqual(experiment)
      } else if (expected === 'table') {
        expect(message).toMatch(/engram compare/)
        expect(plain(readTidyCsv(file.content, { file: 'x', metrics: ['score'] }).cells)).toEqual(
          plain(await studio.handlers['runs.results']({ ids }))
        )
      } else expect(message, format).toMatch(expected)
      expect(await other.handlers['runs.list'](everything), format).toMatchObject({ total: 0 })
    }
  })
})

const plain = (cells: readonly CellResult[]): unknown[] =>
  cells
    .filter(({ metrics }) => metrics.score?.some((value) => value !== null))
    .map(({ label, point, seeds, metrics }) => ({ label, point, seeds, score: metrics.score }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
