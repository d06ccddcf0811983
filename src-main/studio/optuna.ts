/** Optuna in the user's own Python as who proposes what a run tries. */
import { mean } from '../../src-shared/statistics/numbers.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import { modelIn, taskIn, type Catalog } from '../../src-shared/shapes/catalog.ts'
import { defaultPoints, seedList, type Experiment, type Tuning } from '../../src-shared/shapes/experiment.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { installOptuna } from '../../src-shared/shapes/python.ts'
import type { SearchAxis } from '../../src-shared/shapes/search.ts'
import type { Place } from '../places/place.ts'
import type { Tuner, TunerOf } from './tuner.ts'

/** Where a parameter does not say how it is looked at, numbers so far apart are searched in equal ratios. */
const wide = 100

/**
 * The versions of what an experiment is tuned with.
 * @throws StudioError not-supported that says what to install
 */
export async function optunaLibraries(
  { tuning }: Experiment,
  place: Pick<Place, 'request'>
): Promise<Record<string, string>> {
  if (tuning?.tuner !== 'optuna') return {}
  const refuse = (message: string): never => {
    throw new StudioError('not-supported', message, { field: 'tuning.tuner' })
  }
  const found = await place.request('python', null)
  if ('missing' in found) return refuse(found.missing)
  return { python: found.python, optuna: found.optuna ?? refuse(installOptuna(found)) }
}

/**
 * Between the smallest and the largest of the numbers that the experiment names, among the words that it names.
 * @param place whose engine has the user's Python
 */
export function optuna(place: Pick<Place, 'ready' | 'request'>): TunerOf {
  return ({ task, tuning }): Tuner | undefined => {
    if (tuning?.tuner !== 'optuna') return undefined
    const [first] = seedList(tuning.seeds)
    return {
      points: tuning.points ?? defaultPoints,
      async ask({ cell, index, tried, direction }) {
        const { catalog } = await place.ready()
        const scored = tried.map(({ values, scores }) => ({
          values,
          score: scores.length && !scores.includes(null) ? mean(scores as number[]) : null
        }))
        const space = tuning.params.flatMap((axis) => axisOf(axis, cell, task, catalog) ?? [])
        const { sampler = 'default' } = tuning
        return [await place.request('propose', { space, tried: scored, direction, sampler, seed: first + index })]
      }
    }
  }
}

/** Undefined for a parameter that the cell has not. */
function axisOf(
  { param, values }: Tuning['params'][number],
  { label, model }: Cell,
  task: Experiment['task'],
  catalog: Catalog
): SearchAxis | undefined {
  const dot = param.lastIndexOf('.')
  const [owner, name] = [param.slice(0, dot), param.slice(dot + 1)]
  if (owner !== 'task' && owner !== 'model' && owner !== label) return undefined
  const params = owner === 'task' ? taskIn(catalog, task.kind)?.params : modelIn(catalog, model)?.params
  if (!params || !Object.hasOwn(params, name)) return undefined
  const numbers = values.filter((value) => typeof value === 'number')
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
  if (numbers.length < values.length || low === high) return { name, type: 'choice', values }
  const declared = params[name]
  const scale = 'scale' in declared ? declared.scale : undefined
  const log = low > 0 && (scale === undefined ? high >= wide * low : scale === 'log')
  return { name, type: declared.type === 'integer' ? 'integer' : 'number', low, high, log }
}
