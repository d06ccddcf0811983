/** Metrics of different tasks on one scale, so that their trials can be counted together. */
import { chanceAt, type MetricInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import { numberText } from '../text/numbers.ts'
import { finished } from './results.ts'

export interface Normalised {
  /** A score of a cell on the common scale: higher is better, below 0 is worse than chance. */
  map(value: number, cell: CellResult): number
  /** What 0 and 1 mean here, in words. */
  scale: string
}

/**
 * A metric on the scale from chance, or the worst possible score, to the best possible one: 0 to 1. Without known bounds
 * the ends are the worst and the best trial of these cells.
 * @param taskParams the task's parameters, for a chance level that depends on one that is not swept
 */
export function normalise(
  { direction, range, chance, name }: MetricInfo,
  taskParams: Readonly<Record<string, unknown>>,
  cells: readonly CellResult[]
): Normalised {
  const lower = direction === 'lower'
  if (!range) {
    const values = cells.flatMap((cell) => finished(cell, name).map(({ value }) => value))
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const [worst, best] = lower ? [high, low] : [low, high]
    const scale = `no bounds known, worst trial (${numberText(worst)}) = 0, best (${numberText(best)}) = 1`
    return { scale, map: (value) => (best === worst ? 1 : (value - worst) / (best - worst)) }
  }
  const [worst, best] = lower ? [range[1], range[0]] : range
  const floor = (cell: CellResult): number =>
    chanceAt(chance, (param) => cell.point[param] ?? taskParams[param]) ?? worst
  const said =
    chance === undefined
      ? `worst possible (${worst})`
      : `chance (${typeof chance === 'number' ? numberText(chance) : `1/${chance.oneOver}`})`
  return {
    scale: `${said} = 0, best possible (${best}) = 1`,
    map(value, cell) {
      const zero = floor(cell)
      // A list of one item leaves nothing between chance and the best.
      return best === zero ? Number(value === best) : (value - zero) / (best - zero)
    }
  }
}
