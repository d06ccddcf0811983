/** Reports: documents by their id, the trashed ones kept. */
import { reportSchema, type Report, type ReportRow } from '../../src-shared/shapes/report.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { Database } from './port.ts'
import { documentOf, sound, type Document } from './sums.ts'

export type ReportsReader = ReturnType<typeof reportsReader>
export type ReportsWriter = ReturnType<typeof reportsWriter>

const unknownReport = (id: string): StudioError =>
  new StudioError('not-found', `There is no report "${id}" in this data folder.`)

export function reportsReader(database: Database) {
  const all = database.prepare<[number], ReportRow>(
    `SELECT id, iif(${sound('reports')}, title, 'A damaged report') AS title, created, changed,
       iif(${sound('reports')}, json_array_length(json, '$.blocks'), 0) AS blocks FROM reports
     WHERE trashed = ? OR NOT ${sound('reports')} ORDER BY changed DESC, id DESC`
  )
  const one = database.prepare<[string], Document>(
    `SELECT json, ${sound('reports')} AS sound FROM reports WHERE id = ?`
  )
  return {
    /** Newest change first. */
    reports: (trashed: boolean): ReportRow[] => all.all(trashed ? 1 : 0),
    /** @throws StudioError not-found */
    report(id: string): Report {
      const row = one.get(id)
      if (row === undefined) throw unknownReport(id)
      return reportSchema.parse(documentOf(row, 'This report'))
    }
  }
}

export function reportsWriter(database: Database) {
  const put = database.prepare(
    `INSERT INTO reports (id, title, created, changed, json) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET title = excluded.title, changed = excluded.changed, json = excluded.json`
  )
  const trash = database.prepare('UPDATE reports SET trashed = ? WHERE id = ?')
  return {
    saveReport: (report: Report): void =>
      void put.run(report.id, report.title, report.created, report.changed, JSON.stringify(report)),
    /** @throws StudioError not-found */
    trashReport(id: string, trashed: boolean): void {
      if (trash.run(trashed ? 1 : 0, id).changes === 0) throw unknownReport(id)
    }
  }
}
