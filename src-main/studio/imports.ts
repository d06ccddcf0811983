/** Files of other studios and trackers, taken in: read by schema, held against what is stored, then stored as a whole. */
import type { ImportReport } from '../../src-shared/contract/files.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { compareOutcomes } from '../../src-shared/exchange/agreement.ts'
import { referenceRecord } from '../../src-shared/exchange/reference.ts'
import { parseResults, resultsBytes, type RunRecord } from '../../src-shared/exchange/results-file.ts'
import { readScalars } from '../../src-shared/exchange/scalars-csv.ts'
import { seedsOf } from '../../src-shared/shapes/experiment.ts'
import { contentHash } from '../../src-shared/grid/identity.ts'
import { isSqlite, readMlflow } from '../store/mlflow.ts'
import type { Store } from '../store/store.ts'

export interface UploadPart {
  /** Chosen by the sender: parts of one file have the same. */
  upload: string
  name: string
  /** Base64 of the next bytes. */
  part: string
  more: boolean
}

/** Of an upload of which no part came for so long nothing is kept. */
const abandonedMs = 60_000

/** A large file comes in parts; a sender that begins another one gives the last up, and so does one that falls silent. */
export class Imports {
  readonly #store: () => Store
  readonly #patienceMs: number
  #upload: { id: string; parts: Buffer[]; bytes: number } | undefined
  #silence: NodeJS.Timeout | undefined

  constructor(store: () => Store, patienceMs: number = abandonedMs) {
    this.#store = store
    this.#patienceMs = patienceMs
  }

  /** @returns null until the last part is here */
  take({ upload, name, part, more }: UploadPart): ImportReport | null {
    clearTimeout(this.#silence)
    if (this.#upload?.id !== upload) this.#upload = { id: upload, parts: [], bytes: 0 }
    const bytes = Buffer.from(part, 'base64')
    this.#upload.parts.push(bytes)
    this.#upload.bytes += bytes.length
    if (this.#upload.bytes > resultsBytes) {
      this.#upload = undefined
      throw new StudioError('too-large', `A file may hold at most ${resultsBytes / 2 ** 20} MiB.`, { file: name })
    }
    if (more) {
      this.#silence = setTimeout(() => (this.#upload = undefined), this.#patienceMs).unref()
      return null
    }
    const whole = Buffer.concat(this.#upload.parts)
    this.#upload = undefined
    return importFile(name, whole, this.#store())
  }
}

/**
 * Take in a file: results (JSON, or a report that embeds them), an MLflow database, or CSV scalars.
 * @throws StudioError bad-file, bad-input, too-large; conflict when a trial that is here has other numbers there
 */
export function importFile(name: string, bytes: Buffer, store: Store): ImportReport {
  const records = readRecords(name, bytes)
  const report = agreed(records, store, name)
  const added = store.write.importRuns(records, name.slice(0, 1000))
  return {
    runs: records.map(({ id, name: title }, i) => ({ id, name: title, merged: report.there[i], trials: added[i] })),
    identical: report.identical,
    within: report.within
  }
}

function readRecords(name: string, bytes: Buffer): RunRecord[] {
  if (isSqlite(bytes)) return readMlflow(bytes, name).map(referenceRecord)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new StudioError('bad-file', 'This file is neither text in UTF-8 nor a SQLite database.', { file: name })
  }
  if (/^\s*[{[<]/.test(text)) return parseResults(text, name).runs
  if (/\.csv$/i.test(name) || /^[^\n]*,/.test(text)) return readScalars(text, name).map(referenceRecord)
  throw new StudioError(
    'bad-file',
    'This is no results file, report, MLflow database or CSV of scalars; those can be taken in.',
    { file: name }
  )
}

const mostListed = 20

/** Everything that is here already must agree; what does not is told by name, and then nothing is taken in. */
function agreed(
  records: readonly RunRecord[],
  store: Store,
  file: string
): { there: boolean[]; identical: number; within: number } {
  const conflicts: string[] = []
  let [identical, within] = [0, 0]
  const ids = new Set<string>()
  const there = records.map((run) => {
    if (ids.has(run.id)) conflicts.push(`run ${run.id} occurs twice in the file`)
    ids.add(run.id)
    const { experiment, cells } = run
    if (seedsOf(experiment).length !== run.seeds || cells.some((c) => c.modelIndex >= experiment.models.length))
      conflicts.push(`run ${run.id}: its seeds or cells are not those of its experiment`)
    if (!store.read.hasRun(run.id)) return false
    const mine = store.read.record(run.id)
    if (contentHash(mine.experiment) !== contentHash(experiment) || contentHash(mine.cells) !== contentHash(cells))
      conflicts.push(`run ${run.id} (${run.name}) is another experiment here`)
    const placed = new Map(mine.results.map((trial) => [`${trial.cell} ${trial.seed}`, trial.hash]))
    for (const trial of run.results) {
      const hash = placed.get(`${trial.cell} ${trial.seed}`)
      if (hash !== undefined && hash !== trial.hash)
        conflicts.push(`run ${run.id}, ${trial.model}, seed ${trial.seed}: another trial stands there here`)
    }
    return true
  })
  for (const run of records)
    for (const trial of run.results)
      for (const mine of store.read.knownTrials(trial.hash)) {
        const { agreement, worst } = compareOutcomes(mine, trial)
        if (agreement === 'identical') identical++
        else if (agreement === 'within') within++
        else
          conflicts.push(
            `run ${run.id}, ${trial.model}, seed ${trial.seed}: ${worst?.metric} is ${worst?.before ?? mine.status} in run ${mine.runId} (${mine.backend}), ${worst?.after ?? trial.status} in the file (${trial.backend})`
          )
      }
  if (conflicts.length)
    throw new StudioError(
      'conflict',
      `Nothing was taken in: ${conflicts.length} ${conflicts.length === 1 ? 'contradiction' : 'contradictions'} to what is stored. ${conflicts
        .slice(0, mostListed)
        .join('; ')}${conflicts.length > mostListed ? '; ...' : ''}.`,
      { file, cause: conflicts.join('\n') }
    )
  return { there, identical, within }
}
