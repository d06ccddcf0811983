import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { parquetReadObjects, parquetMetadata } from 'hyparquet'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'

import { dispatch } from '../../../../src-main/hosts/dispatch.ts'
import { documentFormats, reportFormats, type ExportFormat } from '../../../../src-shared/shapes/exported-file.ts'
import { exported, type Exported } from '../../../support/exported.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { asked, openStudio, twoModels, type Opened } from '../support.ts'

async function finishedRun(seeds = 3): Promise<{ studio: Opened; id: string }> {
  const studio = await openStudio()
  const { id } = await asked(studio)('runs.start', { experiment: twoModels(seeds) as never, name: 'Mine' })
  await studio.until(id, ['done'])
  return { studio, id }
}
// Of this test alone: other studios of the machine have theirs.
process.env.TMPDIR = temporaryFolder('exports')
const exportsHere = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('engram-export-'))

// Each is made by a thread that reads its own sources first.
describe('an export', { timeout: 120_000 }, () => {
  it('is made in every format, under the run’s name', async () => {
    const { studio, id } = await finishedRun()
    const made = (format: ExportFormat): Promise<Exported> => exported(asked(studio), { ids: [id], format })
    expect((await made('html')).content).toContain('<!doctype html>')
    // 4 cells of 3 seeds: one metric and one curve of 3 points (one of them not finite) for each trial.
    const long = await made('csv-long')
    expect(long).toMatchObject({ name: 'mine.csv', mime: 'text/csv' })
    expect(long.content.trim().split('\r\n')).toHaveLength(1 + 12 + 36)
    expect((await made('csv-wide')).content.trim().split('\r\n')).toHaveLength(13)
    expect(JSON.parse((await made('json')).content)).toBeTypeOf('object')
    expect(JSON.parse((await made('experiment')).content)).toMatchObject({
      name: 'Two fakes',
      seeds: { first: 100, count: 3 }
    })
    for (const format of documentFormats) expect((await made(format)).bytes.length).toBeGreaterThan(0)
  })

  it('as Parquet holds what CSV holds, with numbers as numbers', async () => {
    const { studio, id } = await finishedRun()
    const csv = (await exported(asked(studio), { ids: [id], format: 'csv-long' })).content
    const parquet = await exported(asked(studio), { ids: [id], format: 'parquet' })
    expect(parquet).toMatchObject({ name: 'mine.parquet', mime: 'application/vnd.apache.parquet' })
    const file = new Uint8Array(parquet.bytes).buffer
    const rows = await parquetReadObjects({ file })
    const told = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true }).data
    expect(rows).toHaveLength(told.length)
    expect(
      rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, v]) => [name, v === null ? '' : String(v)])))
    ).toEqual(told)
    const types = parquetMetadata(file).schema.map(({ name, type }) => [name, type])
    expect(types).toEqual(
      expect.arrayContaining([
        ['seed', 'INT64'],
        ['value', 'DOUBLE'],
        ['model', 'BYTE_ARRAY']
      ])
    )
  })

  it('of a report is made too', async () => {
    const { studio, id } = await finishedRun()
    const now = new Date().toISOString()
    const blocks = [{ id: 'a', kind: 'table', runs: [id], metric: 'score' }]
    await asked(studio)('reports.save', {
      report: { id: 'r', title: 'Words', created: now, changed: now, blocks } as never
    })
    for (const format of reportFormats)
      expect((await exported(asked(studio), { report: 'r', format })).name).toMatch(/^words\./)
  })

  it('of a run named many times is that of the run once; of too many runs is refused', async () => {
    const { studio, id } = await finishedRun()
    const once = await exported(asked(studio), { ids: [id], format: 'csv-wide' })
    expect(await exported(asked(studio), { ids: Array<string>(2000).fill(id), format: 'csv-wide' })).toEqual(once)
    const many = Array.from({ length: 1001 }, (_, i) => `run${i}`)
    expect(await dispatch(studio.handlers, 'exports.start', { ids: many, format: 'html' })).toMatchObject({
      ok: false,
      error: { code: 'bad-input' }
    })
    expect(await dispatch(studio.handlers, 'runs.results', { ids: many })).toMatchObject({
      ok: false,
      error: { code: 'bad-input', field: 'ids' }
    })
  })

  it('that cannot be made says why, leaves no file, and is no hindrance to the next', async () => {
    const { studio, id } = await finishedRun()
    const call = asked(studio)
    const { id: failed } = await call('exports.start', { ids: ['gone'], format: 'csv-long' })
    await expect(call('exports.end', { id: failed })).rejects.toMatchObject({ data: { code: 'not-found' } })
    await expect(call('exports.read', { id: failed, offset: 0 })).rejects.toMatchObject({ data: { code: 'not-found' } })
    await expect(call('exports.end', { id: 'none' })).rejects.toMatchObject({ data: { code: 'not-found' } })
    expect((await exported(call, { ids: [id], format: 'csv-wide' })).bytes.length).toBeGreaterThan(0)
  })

  it('can be cancelled, and only so many are made at once', async () => {
    const { studio, id } = await finishedRun()
    const call = asked(studio)
    const started = await Promise.all([1, 2].map(() => call('exports.start', { ids: [id], format: 'csv-long' })))
    await expect(call('exports.start', { ids: [id], format: 'html' })).rejects.toMatchObject({
      data: { code: 'conflict' }
    })
    const end = call('exports.end', { id: started[0].id })
    await call('exports.drop', { id: started[0].id })
    await expect(end).rejects.toMatchObject({ data: { code: 'cancelled' } })
    await expect(call('exports.read', { id: started[0].id, offset: 0 })).rejects.toMatchObject({
      data: { code: 'not-found' }
    })
    expect((await call('exports.end', { id: started[1].id })).bytes).toBeGreaterThan(0)
  })

  it('lies where only its user can read it, and goes with the studio', async () => {
    const before = exportsHere()
    const { studio, id } = await finishedRun()
    const { id: kept } = await asked(studio)('exports.start', { ids: [id], format: 'csv-wide' })
    await asked(studio)('exports.end', { id: kept })
    const [folder] = exportsHere().filter((name) => !before.includes(name))
    expect(existsSync(`${tmpdir()}/${folder}/${kept}`)).toBe(true)
    await studio.close()
    expect(exportsHere().filter((name) => !before.includes(name))).toEqual([])
  })
})
