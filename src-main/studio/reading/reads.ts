/**
 * Calls that read much: what each answers, from a store. The command line calls them as they are; where a page asks, a
 * thread of its own does, so that nothing else waits meanwhile.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CallOutput, Handlers } from '../../../src-shared/contract/index.ts'
import type { Catalog } from '../../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { CellRange } from '../../store/results.ts'
import type { StoreReader } from '../../store/store.ts'
import { conclusion, type Concluding, type Conclusion } from '../conclusion.ts'
import { deltas } from '../deltas.ts'
import { runValues, scaledResults } from '../results.ts'
import { tuningOf } from '../tuning.ts'

export const readNames = [
  'runs.facets',
  'runs.results',
  'runs.tuning',
  'runs.series',
  'runs.trials',
  'runs.traces',
  'runs.log',
  'runs.values',
  'runs.deltas'
] as const
export type ReadName = (typeof readNames)[number]

export interface ReadDeps {
  read: StoreReader
  /** What the tasks say of their metrics; none where nothing starts that knows them. */
  tasks: () => Promise<Catalog['tasks']>
  /** Trials of one answer; what is more is asked for in parts. */
  mostTrials?: number
}

export function reads({ read, tasks, mostTrials = Infinity }: ReadDeps): Pick<Handlers, ReadName> {
  const refuseMany = (ids: readonly string[], cells?: CellRange): void => {
    const trials = ids.reduce((sum, id) => sum + trialsIn(read.size(id), cells), 0)
    if (trials > mostTrials)
      throw new StudioError(
        'too-large',
        `These runs have ${trials} trials; at most ${mostTrials} are answered at once. Ask for some of their cells, or export them.`,
        { field: 'cells' }
      )
  }
  return {
    'runs.facets': () => read.facets(),
    async 'runs.results'({ ids, cells }) {
      refuseMany(ids, cells)
      const known = { tasks: await tasks() }
      return inTurn(ids, (id) => scaledResults(id, read, known, cells))
    },
    'runs.tuning': ({ id }) => tuningOf(id, read),
    'runs.series'({ ids, name, cells }) {
      refuseMany(ids, cells)
      return inTurn(ids, (id) => read.series(id, name, cells))
    },
    'runs.trials': ({ id, status, offset, limit }) => read.trials(id, status, offset, limit),
    'runs.traces': ({ id, trial }) => read.traces(id, trial) as unknown as CallOutput<'runs.traces'>,
    'runs.log': ({ id, limit }) => read.log(id, limit),
    async 'runs.values'({ ids, params, metrics }) {
      const known = metrics.length ? { tasks: await tasks() } : undefined
      return inTurn(ids, (id) => [runValues(id, { params, metrics }, read, known)])
    },
    'runs.deltas': ({ baseline, ids }) => deltas(baseline, ids, read)
  }
}

/** What the studio itself asks of all trials of a run. */
export interface OwnReads {
  conclusion: { of: Concluding; answer: Conclusion }
  /** Whether some are damaged or lost. */
  hasDamage: { of: { id: string }; answer: boolean }
}
export type OwnReadName = keyof OwnReads

/** Each throws StudioError not-found. */
export const ownReads = (
  read: StoreReader
): { [N in OwnReadName]: (of: OwnReads[N]['of']) => OwnReads[N]['answer'] } => ({
  conclusion: (concluding) => conclusion(read, concluding),
  hasDamage: ({ id }) => read.hasDamage(id)
})

/** The same, by a thread where they are many. */
export type Look = <N extends OwnReadName>(name: N, of: OwnReads[N]['of']) => Promise<OwnReads[N]['answer']>

const trialsIn = ({ cells, seeds }: { cells: number; seeds: number }, range?: CellRange): number =>
  seeds * (range ? Math.max(0, Math.min(range.count, cells - range.from)) : cells)

/** What is read of one run after the other; others are answered in between. */
async function inTurn<T>(ids: readonly string[], read: (id: string) => T[]): Promise<T[]> {
  const all: T[] = []
  for (const [i, id] of ids.entries()) {
    if (i > 0) await nextTurn()
    for (const one of read(id)) all.push(one)
  }
  return all
}
