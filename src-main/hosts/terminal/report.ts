/** `engram report`: what goes into a paper, of runs or as it was composed. */
import { existsSync } from 'node:fs'
import { ulid } from 'ulid'
import type { CallInput } from '../../../src-shared/contract/index.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { ReportFormat } from '../../../src-shared/shapes/exported-file.ts'
import { complaint } from '../../../src-shared/shapes/issues.ts'
import { parseJson } from '../../../src-shared/shapes/json.ts'
import { reportSchema, type Report, type ReportRow } from '../../../src-shared/shapes/report.ts'
import { writeParts } from '../../store/files.ts'
import { exported } from './export.ts'
import { readText } from './read.ts'
import { withStudio } from './session.ts'
import { table } from './text.ts'

export interface ReportOptions {
  data: string
  format: ReportFormat
  out?: string
}

export interface Reported {
  /** Of a composed one; null for one of runs. */
  report: string | null
  runs: string[]
  format: ReportFormat
  file: string
}

/** The composed reports of a data folder, the one that changed last first. */
export const listReports = (data: string): Promise<ReportRow[]> =>
  withStudio(data, 'look', ({ ask }) => ask('reports.list', { trashed: false }))

export const reportsTable = (rows: readonly ReportRow[]): string =>
  table(
    ['report', 'title', 'blocks', 'changed'],
    rows.map(({ id, title, blocks, changed }) => [id, title, String(blocks), changed])
  )

/**
 * Write a report: of a composed one, by id or title; of a file of blocks, which is kept as one from then on; of runs, with
 * the blocks that such a report has of itself.
 * @throws StudioError bad-input without a file to write; not-found, bad-file, what the export says
 */
export async function writeReport(what: readonly string[], { data, format, out }: ReportOptions): Promise<Reported> {
  if (out === undefined) throw new StudioError('bad-input', 'Name the file to write: --out FILE.', { field: 'out' })
  const [first] = what
  const brought = what.length === 1 && existsSync(first) ? await readReport(first) : undefined
  return withStudio(data, brought ? 'change' : 'look', async (session) => {
    const { ask } = session
    if (brought) await ask('reports.save', { report: brought })
    const reports = what.length === 1 ? await ask('reports.list', { trashed: false }) : []
    const known =
      reports.find(({ id }) => id === (brought?.id ?? first)) ?? reports.find(({ title }) => title === first)
    const request: CallInput<'exports.start'> = known
      ? { report: known.id, format }
      : { ids: [...what], format: format === 'csv' ? 'csv-pivot' : format }
    await writeParts(out, exported(request, session), { mode: 0o666 })
    return { report: known?.id ?? null, runs: known ? [] : [...what], format, file: out }
  })
}

/** A report as a file: its title and blocks; the rest is given where it is left out. */
async function readReport(file: string): Promise<Report> {
  const now = new Date().toISOString()
  const json = parseJson(await readText(file), { file })
  const whole = { id: ulid(), created: now, ...(json as object), changed: now }
  const read = reportSchema.safeParse(whole)
  if (read.success) return read.data
  const { message, ...about } = complaint(read.error, whole)
  throw new StudioError('bad-file', message, { file, ...about })
}
