/** Measured costs: documents by their id, which begins with their time. */
import { measurementSchema, type Measurement } from '../../src-shared/cost/measurement.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { Database } from './port.ts'
import { documentOf, sound, type Document } from './sums.ts'

export type MeasurementsReader = ReturnType<typeof measurementsReader>
export type MeasurementsWriter = ReturnType<typeof measurementsWriter>

export function measurementsReader(database: Database) {
  const all = database.prepare<[], Document>(
    `SELECT json, ${sound('measurements')} AS sound FROM measurements
     WHERE trashed = 0 OR NOT ${sound('measurements')} ORDER BY id DESC`
  )
  return {
    /** Newest first, without those in the trash. */
    measurements: (): Measurement[] => all.all().map((row) => measurementSchema.parse(documentOf(row, 'A measurement')))
  }
}

export function measurementsWriter(database: Database) {
  const put = database.prepare(
    'INSERT INTO measurements (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json'
  )
  const trash = database.prepare('UPDATE measurements SET trashed = ? WHERE id = ?')
  return {
    saveMeasurement: (measurement: Measurement): void => void put.run(measurement.id, JSON.stringify(measurement)),
    /** @throws StudioError not-found */
    trashMeasurement(id: string, trashed: boolean): void {
      if (trash.run(trashed ? 1 : 0, id).changes === 0)
        throw new StudioError('not-found', 'There is no such measurement.', { field: 'id' })
    }
  }
}
