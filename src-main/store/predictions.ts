/** Predictions: registered with their run, judged once. */
import { contentHash } from '../../src-shared/grid/identity.ts'
import type { Judgement, Prediction, RegisteredPrediction } from '../../src-shared/shapes/prediction.ts'
import type { Database } from './port.ts'
import { documentOf, sound } from './sums.ts'

export type PredictionsReader = ReturnType<typeof predictionsReader>
export type PredictionsWriter = ReturnType<typeof predictionsWriter>

interface PredictionRecord {
  json: string
  hash: string
  registered: string
  judged: string | null
  judgement: string | null
  sound: 0 | 1
}

export function predictionsReader(database: Database) {
  const rows = database.prepare<[string], PredictionRecord>(
    `SELECT json, hash, registered, judged, judgement, ${sound('predictions')} AS sound FROM predictions
     WHERE run = (SELECT key FROM runs WHERE id = ?) ORDER BY position`
  )
  return {
    predictions: (id: string): RegisteredPrediction[] =>
      rows.all(id).map(({ json, hash, registered, judged, judgement, sound }) => ({
        prediction: documentOf({ json, sound }, 'A prediction of this run') as Prediction,
        hash,
        registered,
        judged,
        judgement: judgement === null ? null : (JSON.parse(judgement) as Judgement)
      }))
  }
}

/** Registers the predictions of a run that is being made, inside its transaction. */
export function registerPredictions(database: Database) {
  const put = database.prepare('INSERT INTO predictions (run, position, json, hash, registered) VALUES (?, ?, ?, ?, ?)')
  return (run: number, predictions: readonly Prediction[], time: string): void =>
    predictions.forEach((prediction, i) => put.run(run, i, JSON.stringify(prediction), contentHash(prediction), time))
}

export function predictionsWriter(database: Database) {
  const put = database.prepare(
    `UPDATE predictions SET judgement = ?, judged = ?
     WHERE run = (SELECT key FROM runs WHERE id = ?) AND position = ? AND judgement IS NULL`
  )
  return {
    /** Judge what is not judged yet; what is stays. */
    judgePredictions: database.transaction((id: string, judgements: readonly Judgement[], time: string): void =>
      judgements.forEach((judgement, i) => void put.run(JSON.stringify(judgement), time, id, i))
    )
  }
}
