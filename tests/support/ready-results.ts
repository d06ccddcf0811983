/** The results of a ready example that ship, as tests read them. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { resultsOfRecord, type RunResults } from '../../src-shared/exchange/ready-results.ts'
import { parseResults } from '../../src-shared/exchange/results-file.ts'
import { derive } from '../../src-shared/findings/crossing.ts'
import { judge } from '../../src-shared/findings/prediction.ts'
import { doneValues } from '../../src-shared/findings/summary.ts'
import { liesAt, type Point } from '../../src-shared/shapes/point.ts'
import { taskIn } from '../../src-shared/shapes/catalog.ts'
import type { Verdict } from '../../src-shared/shapes/prediction.ts'
import { seeded } from '../../src-shared/statistics/random.ts'
import { mean } from '../../src-shared/statistics/numbers.ts'
import { tasks } from '../../src-main/tasks/registry.ts'

const folder = join(import.meta.dirname, '../../resources/reference')

export const ships = (name: string): boolean => existsSync(join(folder, `${name}.json.gz`))

export class ReadyResults {
  readonly #all: RunResults
  constructor(name: string) {
    const [record] = parseResults(gunzipSync(readFileSync(join(folder, `${name}.json.gz`))).toString('utf8')).runs
    this.#all = resultsOfRecord(record, taskIn({ tasks: [...tasks] }, record.task))
  }

  #cells(label: string, at: Point = {}) {
    const found = this.#all.cells.filter((cell) => cell.label === label && liesAt(cell.point, at))
    if (!found.length) throw new Error(`There is no ${label} at ${JSON.stringify(at)}.`)
    return found
  }

  /** A metric of each seed, where exactly one cell lies. */
  values(label: string, metric: string, at: Point = {}): number[] {
    const cells = this.#cells(label, at)
    if (cells.length > 1) throw new Error(`${label} has ${cells.length} cells at ${JSON.stringify(at)}.`)
    return doneValues(cells[0], metric).values
  }

  /** Its mean over seeds; NaN where no trial has one. */
  of(label: string, metric: string, at: Point = {}): number {
    const values = this.values(label, metric, at)
    return values.length ? mean(values) : NaN
  }

  /** The same along an axis, in the order of its values. */
  along(axis: string, label: string, metric: string, at: Point = {}): number[] {
    const cells = this.#cells(label, at).toSorted((a, b) => Number(a.point[axis]) - Number(b.point[axis]))
    return cells.map(({ point }) => this.of(label, metric, point))
  }

  statuses(label: string, at: Point = {}): string[] {
    return this.#cells(label, at).flatMap(({ statuses }) => statuses)
  }

  /** Mean over seeds of a series at an x. */
  series(label: string, name: string, x: number, at: Point = {}): number {
    const curve = this.#all.series.find((one) => one.label === label && one.name === name && liesAt(one.point, at))
    if (!curve) throw new Error(`There is no ${name} of ${label}.`)
    return mean(curve.y.map((row) => row[curve.x.indexOf(x)]!))
  }

  /** Where the curve of a derived quantity crosses its threshold; infinite beyond the grid. */
  derived(label: string, name: string): number {
    const info = tasks.find(({ id }) => id === this.#all.run.task)!.derived.find((one) => one.name === name)!
    const { value } = derive(this.#all.cells, info, { random: seeded(1), draws: 2 }).find((row) => row.label === label)!
    return value.relation === '=' ? value.at : value.relation === '>' ? Infinity : -Infinity
  }

  get verdicts(): Verdict[] {
    return (this.#all.run.experiment.predictions ?? []).map((one) => judge(one, this.#all.cells).verdict)
  }

  get labels(): string[] {
    return [...new Set(this.#all.cells.map(({ label }) => label))]
  }
}
