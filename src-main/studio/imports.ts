/** Files of other studios and trackers, taken in: read by schema, held against what is stored, then stored as a whole. */
import { basename } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ImportReport } from '../../src-shared/contract/files.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { compareOutcomes, type Agreement } from '../../src-shared/exchange/agreement.ts'
import { isReference, referenceRecord } from '../../src-shared/exchange/reference.ts'
import { parseResults, resultsBytes, type RunRecord } from '../../src-shared/exchange/results-file.ts'
import { kindOfFile, placeOf } from '../../src-shared/exchange/file-kind.ts'
import { growth } from '../../src-shared/exchange/growth.ts'
import { readLogs } from '../../src-shared/exchange/logs-csv.ts'
import { textOf } from '../../src-shared/text/read.ts'
import { seedsOf } from '../../src-shared/shapes/experiment.ts'
import { contentHash } from '../../src-shared/grid/identity.ts'
import { isSqlite, readMlflow } from '../store/mlflow.ts'
import type { Store } from '../store/store.ts'
import type { Events } from './events.ts'
import { Jobs, type JobDocument } from './jobs/jobs.ts'

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

/** One file while it is taken in. */
interface TakingIn extends JobDocument {
  done: number
  total: number
  report?: ImportReport
}

export interface ImportsDeps {
  store: Store
  events: Events
  /** An upload that falls silent for so long is given up. */
  patienceMs?: number
}

/** A large file comes in parts; a sender that begins another one gives the last up, and so does one that falls silent. */
export class Imports {
  readonly #deps: ImportsDeps
  readonly #jobs: Jobs<TakingIn>
  #upload: { id: string; parts: Buffer[]; bytes: number } | undefined
  #silence: NodeJS.Timeout | undefined

  constructor(deps: ImportsDeps) {
    this.#deps = deps
    this.#jobs = new Jobs({
      what: 'import',
      // What it brings is stored by its last step, as a whole.
      save() {},
      tell: ({ id, done, total }) => deps.events.newest('import.progress', id, () => ({ upload: id, done, total })),
      giveUp() {},
      turns: { prepare: () => Promise.resolve() }
    })
  }

  /** @returns null until the last part is here */
  async take({ upload, name, part, more }: UploadPart): Promise<ImportReport | null> {
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
      const { patienceMs = abandonedMs } = this.#deps
      this.#silence = setTimeout(() => (this.#upload = undefined), patienceMs).unref()
      return null
    }
    const whole = Buffer.concat(this.#upload.parts)
    this.#upload = undefined
    const taking: TakingIn = { id: upload, status: 'queued', error: null, done: 0, total: 0 }
    await this.#jobs.whole(taking, (job) =>
      job.turn(async () => {
        taking.report = await importFile(name, whole, this.#deps.store, async (done, total) => {
          Object.assign(taking, { done, total })
          job.progress()
          await nextTurn()
          job.check()
        })
      })
    )
    return taking.report!
  }

  /** Give up an upload, or what is being taken in of it: nothing of it is stored. */
  async cancel(upload: string): Promise<void> {
    if (this.#upload?.id === upload) this.#upload = undefined
    else await this.#jobs.cancel(upload)
  }

  close(): void {
    this.#jobs.close()
  }
}

/** Told how many of a file's trials were held against what is stored; the next ones wait for it. */
export type OnStep = (done: number, total: number) => Promise<void>

/**
 * Take in a file: results (JSON, or a report that embeds them), an MLflow database, or CSV scalars.
 * @throws StudioError bad-file, bad-input, too-large; conflict when a trial that is here has other numbers there; what a
 * step throws
 */
export async function importFile(
  name: string,
  bytes: Buffer,
  store: Store,
  step: OnStep = () => Promise.resolve()
): Promise<ImportReport> {
  const { records, left } = readRecords(name, bytes)
  const known = brought(records, store)
  const report = await agreed(known.records, store, name, step)
  const added = store.write.importRuns(known.records, basename(name).slice(0, 1000))
  const taken = known.records.map(({ id, name: title }, i) => {
    const updated = known.updated.has(id)
    return {
      id,
      name: title,
      merged: updated || report.there[i],
      trials: updated ? 0 : added[i],
      ...(updated && { updated })
    }
  })
  return {
    runs: [...taken, ...known.same.map(({ id, name: title }) => ({ id, name: title, merged: true, trials: 0 }))],
    left: [...left, ...known.left],
    identical: report.identical + known.same.length,
    within: report.within
  }
}

function readRecords(name: string, bytes: Buffer): { records: RunRecord[]; left: ImportReport['left'] } {
  if (isSqlite(bytes)) {
    const { runs, left } = readMlflow(bytes, name)
    if (!runs.length && left.length) throw new StudioError('bad-file', left[0].reason, { file: name })
    return { records: runs.map(referenceRecord), left }
  }
  const kind = kindOfFile(name, bytes)
  if (kind === 'results') return { records: parseResults(textOf(bytes, name), name).runs, left: [] }
  if (kind === 'log') return { records: readLogs(textOf(bytes, name), name).map(referenceRecord), left: [] }
  throw new StudioError('bad-file', placeOf[kind], { file: name })
}

/** Runs of trackers that are here already grow; the others are left to be compared. */
function brought(
  records: readonly RunRecord[],
  store: Store
): { records: RunRecord[]; same: RunRecord[]; updated: Set<string>; left: ImportReport['left'] } {
  const found = {
    records: [] as RunRecord[],
    same: [] as RunRecord[],
    updated: new Set<string>(),
    left: [] as ImportReport['left']
  }
  for (const record of records) {
    if (!isReference(record) || !store.read.hasRun(record.id)) {
      found.records.push(record)
      continue
    }
    const grown = growth(store.read.record(record.id), record)
    if (grown.kind === 'same') found.same.push(record)
    else if (grown.kind === 'contradiction')
      found.left.push({ name: record.name, reason: `It is here already, and ${grown.reason}.` })
    else {
      found.records.push(grown.record)
      found.updated.add(record.id)
    }
  }
  return found
}

const mostListed = 20

/** Trials between two steps. */
const stepTrials = 500

/** Everything that is here already must agree; what does not is told by name, and then nothing is taken in. */
async function agreed(
  records: readonly RunRecord[],
  store: Store,
  file: string,
  step: OnStep
): Promise<{ there: boolean[]; identical: number; within: number }> {
  const conflicts: string[] = []
  let [identical, within] = [0, 0]
  const ids = new Set<string>()
  const there = records.map((run) => {
    if (ids.has(run.id)) conflicts.push(`run ${run.id} occurs twice in the file`)
    ids.add(run.id)
    const { experiment, cells } = run
    if (seedsOf(experiment).length !== run.seeds || cells.some((c) => c.modelIndex >= experiment.models.length))
      conflicts.push(`run ${run.id}: its seeds or cells are not those of its experiment`)
    if (!store.read.hasRun(run.id) || isReference(run)) return false
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
  const total = records.reduce((sum, { results }) => sum + results.length, 0)
  let done = 0
  for (const run of records)
    for (const trial of run.results) {
      if (done++ % stepTrials === 0) await step(done - 1, total)
      // Several runs may hold the same trial: it is one.
      const agreements = new Set<Agreement>()
      for (const mine of store.read.knownTrials(trial.hash)) {
        const { agreement, worst } = compareOutcomes(mine, trial)
        agreements.add(agreement)
        if (agreement === 'drifted')
          conflicts.push(
            `run ${run.id}, ${trial.model}, seed ${trial.seed}: ${worst?.metric} is ${worst?.before ?? mine.status} in run ${mine.runId} (${mine.backend}), ${worst?.after ?? trial.status} in the file (${trial.backend})`
          )
      }
      if (agreements.has('within')) within++
      else if (agreements.has('identical')) identical++
    }
  await step(total, total)
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
