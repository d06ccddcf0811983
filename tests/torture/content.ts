/** Everything a store says, read as the studio reads it: each piece by name, an error in place of what was refused. */
import { isDeepStrictEqual } from 'node:util'
import type { Store } from '../../src-main/store/store.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { CellResult, RunRow, SeriesResult, TrialRow } from '../../src-shared/shapes/run.ts'

/** A piece that the store refused to read. */
class Refused {
  readonly code: string
  constructor(code: string) {
    this.code = code
  }
}

export type Content = Map<string, unknown>

const list = { sort: 'created', descending: true, offset: 0, limit: 200 } as const

/** @param runs the ids of the runs that must be there */
export function contentOf(
  { read }: Store,
  runs: readonly string[],
  reports: readonly string[],
  datasets: readonly string[]
): Content {
  const content: Content = new Map()
  const piece = <T>(name: string, call: () => T): T | undefined => {
    try {
      const value = call()
      content.set(name, value)
      return value
    } catch (error) {
      if (!(error instanceof StudioError)) throw error
      content.set(name, new Refused(error.data.code))
      return undefined
    }
  }
  for (const trashed of [false, true]) piece(`history ${trashed}`, () => read.history({ ...list, trashed }).rows)
  for (const id of runs) {
    piece(`run ${id}`, () => read.run(id))
    piece(`cells ${id}`, () => read.cells(id))
    piece(`results ${id}`, () => read.results(id))
    piece(`series ${id}`, () => read.series(id, 'curve'))
    const trials = piece(`trials ${id}`, () => read.trials(id, undefined, 0, 1000).rows)
    for (const { id: trial } of trials ?? []) piece(`traces ${id} ${trial}`, () => read.traces(id, trial))
    piece(`best ${id}`, () => read.bestModel(id, 'accuracy', 'higher'))
    piece(`record ${id}`, () => read.record(id))
    piece(`predictions ${id}`, () => read.predictions(id))
    piece(`log ${id}`, () => read.log(id))
    piece(`checks ${id}`, () => read.rerunChecks(id))
  }
  piece('reports', () => read.reports(false))
  for (const id of reports) piece(`report ${id}`, () => read.report(id))
  piece('measurements', () => read.measurements())
  piece('datasets', () => read.recallDatasets())
  for (const id of datasets) {
    piece(`lists ${id}`, () => read.recallLists(id))
    piece(`similarity ${id}`, () => read.recallSimilarity(id))
    piece(`fits ${id}`, () => read.recallFits(id))
  }
  piece('settings', () => read.settings())
  return content
}

/** What of a content is other than it was and does not say so. */
export function silent(before: Content, after: Content): string[] {
  const marked = (run: string): boolean => {
    const results = after.get(`results ${run}`)
    return (
      results instanceof Refused ||
      (Array.isArray(results) && (results as CellResult[]).some(({ statuses }) => statuses.includes('damaged')))
    )
  }
  return [...before].flatMap(([name, was]) => {
    const is = after.get(name)
    if (isDeepStrictEqual(is, was) || is instanceof Refused) return []
    const [kind, run] = name.split(' ')
    const told = ((): boolean => {
      switch (kind) {
        case 'history':
          return sameRows(was as RunRow[], is as RunRow[])
        case 'run':
          return toldOf(is as RunRow)
        case 'results':
          return sameResults(was as CellResult[], is as CellResult[])
        case 'series':
          return sameSeries(was as SeriesResult[], is as SeriesResult[])
        case 'trials':
          return sameTrials(was as TrialRow[], is as TrialRow[], marked(run))
        case 'traces':
          // The trial is not in the table, which says so.
          return is === undefined && marked(run)
        case 'best':
          return marked(run)
        case 'record':
          return sameRecord(was as Recorded, is as Recorded, marked(run))
        case 'log':
          return (is as { text: string }[]).some(({ text }) => text === 'This line is damaged.')
        case 'reports':
          return (is as { title: string }[]).some(({ title }) => title === 'A damaged report')
        // A setting that is lost falls back to its default.
        case 'settings':
          return true
        default:
          return false
      }
    })()
    return told ? [] : [name]
  })
}

/** Whether a line of the history says that it, or a tag of it, is damaged. */
const toldOf = ({ damaged, tags }: RunRow): boolean => damaged === true || tags.includes('a damaged tag')

function sameRows(was: RunRow[], is: RunRow[]): boolean {
  return was.every((row, i) => (is[i] && toldOf(is[i])) || isDeepStrictEqual(row, is[i]))
}

function sameResults(was: CellResult[], is: CellResult[]): boolean {
  return was.every((cell, c) =>
    cell.seeds.every((seed, i) => {
      const other = is[c]
      if (
        other.seeds[i] !== seed ||
        !isDeepStrictEqual([cell.label, cell.params, cell.point], [other.label, other.params, other.point])
      )
        return false
      const values = (from: CellResult): unknown[] =>
        Object.keys(cell.metrics).map((name) => from.metrics[name]?.[i] ?? null)
      if (other.statuses[i] === 'damaged') return values(other).every((value) => value === null)
      return other.statuses[i] === cell.statuses[i] && isDeepStrictEqual(values(other), values(cell))
    })
  )
}

function sameSeries(was: SeriesResult[], is: SeriesResult[]): boolean {
  return was.every(({ label, point, seeds, x, y }) => {
    const other = is.find((one) => one.label === label && isDeepStrictEqual(one.point, point))
    return (
      other !== undefined &&
      seeds.every((seed, i) => {
        const at = other.seeds.indexOf(seed)
        if (at < 0) return other.damaged?.includes(seed) === true
        return isDeepStrictEqual([other.x, other.y[at]], [x, y[i]])
      })
    )
  })
}

function sameTrials(was: TrialRow[], is: TrialRow[], marked: boolean): boolean {
  const there = new Map(is.map((row) => [`${row.label} ${JSON.stringify(row.point)} ${row.seed}`, row]))
  return was.every((row) => {
    const other = there.get(`${row.label} ${JSON.stringify(row.point)} ${row.seed}`)
    if (!other) return marked || is.some(({ status }) => status === 'damaged')
    if (other.status === 'damaged') return Object.keys(other.metrics).length === 0
    return isDeepStrictEqual({ ...row, id: 0 }, { ...other, id: 0 })
  })
}

interface Recorded {
  results: { cell: number; seed: number; status: string; metrics: unknown; error: { code: string } | null }[]
}

/** A record says of a damaged trial that it failed and why; all else is as it was or the run is marked. */
function sameRecord(was: Recorded, is: Recorded, marked: boolean): boolean {
  const there = new Map(is.results.map((row) => [`${row.cell} ${row.seed}`, row]))
  return was.results.every((row) => {
    const other = there.get(`${row.cell} ${row.seed}`)
    if (!other) return marked
    if (other.error?.code === 'store-corrupt') return Object.keys(other.metrics as object).length === 0
    return isDeepStrictEqual([row.status, row.metrics], [other.status, other.metrics])
  })
}
