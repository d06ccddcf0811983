/** The results of ready experiments that ship, as runs that can be looked at beside one's own and not be changed. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { isReady, originOfReady } from '../../src-shared/exchange/ready-results.ts'
import { parseResults, type RunRecord } from '../../src-shared/exchange/results-file.ts'
import { expandGrid } from '../../src-shared/grid/expand.ts'
import { canonical } from '../../src-shared/grid/identity.ts'
import { taskIn, type Catalog } from '../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { seedsOf, type Experiment } from '../../src-shared/shapes/experiment.ts'
import type { CallOutput } from '../../src-shared/contract/index.ts'
import type { Store } from '../store/store.ts'
import { conclusion, judged } from './conclusion.ts'
import type { Events } from './events.ts'
import { examples } from './examples.ts'
import { resources } from './root.ts'

const pathOf = (file: string): string => join(resources(), 'reference', `${file}.gz`)

/** The ready experiments whose results ship. */
export const referenced = (): { file: string; experiment: Experiment }[] =>
  examples().filter(({ file }) => existsSync(pathOf(file)))

/** @param file as `referenced` names it */
export const referenceRecord = (file: string): RunRecord =>
  parseResults(gunzipSync(readFileSync(pathOf(file))).toString('utf8'), file).runs[0]

export interface ReferencesDeps {
  store: Store
  events: Events
  /** What is known of the tasks' metrics. */
  tasks: () => Promise<Catalog['tasks']>
}

export class References {
  readonly #deps: ReferencesDeps

  constructor(deps: ReferencesDeps) {
    this.#deps = deps
  }

  /**
   * The references that asked the same of their models as these runs did: of the same task, at some of the same points,
   * with some of the same seeds. The one that shares most comes first.
   */
  fitting(ids: readonly string[], catalog: Catalog): CallOutput<'references.fitting'> {
    const { read } = this.#deps.store
    const runs = ids.filter((id) => read.hasRun(id)).map((id) => read.run(id))
    const beside = new Set(runs.map(({ origin }) => origin))
    const mine = runs.map(({ id, experiment }) => ({
      experiment,
      seeds: new Set(seedsOf(experiment)),
      asked: new Set(read.cells(id).map(({ taskParams }) => canonical(taskParams)))
    }))
    return referenced()
      .filter(({ file }) => !beside.has(originOfReady(file)))
      .flatMap(({ file, experiment }) => {
        const alike = mine.filter(
          (own) =>
            own.experiment.task.kind === experiment.task.kind && own.experiment.generator === experiment.generator
        )
        const { grid } = alike.length ? expandGrid(experiment, catalog) : {}
        if (!grid) return []
        const asked = [...new Set(grid.cells.map(({ taskParams }) => canonical(taskParams)))]
        const points = asked.filter((one) => alike.some((own) => own.asked.has(one))).length
        const seeds = grid.seeds.filter((seed) => alike.some((own) => own.seeds.has(seed))).length
        return points && seeds ? [{ file, name: experiment.name, points, seeds }] : []
      })
      .sort((a, b) => b.points * b.seeds - a.points * a.seeds)
  }

  /**
   * Take shipped references in as runs; one that is there stays, one of an older version gives way to the newer.
   * @param files all of them if left out
   * @returns the runs, in the order of the files
   * @throws StudioError not-found for a file without results
   */
  async take(files: readonly string[] = referenced().map(({ file }) => file)): Promise<string[]> {
    const { store, events } = this.#deps
    const tasks = await this.#deps.tasks()
    const known = new Set(referenced().map(({ file }) => file))
    const ids: string[] = []
    const taken: string[] = []
    try {
      for (const file of files) {
        if (!known.has(file)) throw new StudioError('not-found', `No results ship for "${file}".`, { field: 'files' })
        const record = referenceRecord(file)
        ids.push(record.id)
        if (!store.write.takeReady(record, originOfReady(file))) continue
        taken.push(record.id)
        const time = record.ended ?? record.created
        const { judgements } = conclusion(store.read, {
          id: record.id,
          task: taskIn({ tasks }, record.task),
          whole: true
        })
        judged(store, record.id, judgements, time)
        await nextTurn()
      }
    } finally {
      if (taken.length) events.changed(taken)
    }
    return ids
  }

  /** @throws StudioError conflict when one of these runs is a reference */
  refuse(ids: readonly string[]): void {
    const { read } = this.#deps.store
    const own = ids.find((id) => read.hasRun(id) && isReady(read.run(id)))
    if (own !== undefined)
      throw new StudioError(
        'conflict',
        'A reference run ships with the studio and is not changed; duplicate it instead.',
        { field: 'ids' }
      )
  }
}
