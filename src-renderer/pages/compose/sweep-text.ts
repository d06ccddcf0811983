/**
 * Values and sweeps as text:
 *   5, 10, 20        a list
 *   1..10            every whole number from 1 to 10
 *   0..1 x5          five values, equally spaced
 *   0.001..1 log 7   seven values at equal ratios
 *   5, 10 @ 0.9, 0.1 a list, and how likely a random search draws each
 * Reading never fails: what is not a value stays as text, and the check of the experiment says what is wrong with it.
 */
import { decimalComma } from '../../../src-shared/shapes/decimals.ts'
import { limits, type Axis } from '../../../src-shared/shapes/experiment.ts'
import { count } from '../../../src-shared/text/numbers.ts'
import type { AxisValue } from '../../../src-shared/shapes/point.ts'
import type { Param } from '../../../src-shared/shapes/params.ts'

type WithoutName<A> = A extends unknown ? Omit<A, 'param'> : never
/** An axis without the name of its parameter. */
export type Sweep = WithoutName<Axis>

const numeral = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`
const isNumber = new RegExp(`^${numeral}$`)
const isRange = new RegExp(`^(${numeral})\\s*\\.\\.\\s*(${numeral})(?:\\s*(x|log)\\s*(\\d+))?$`)

export function sweepOf(axis: Axis): Sweep {
  if ('values' in axis) return { values: axis.values, ...(axis.probabilities && { probabilities: axis.probabilities }) }
  const { from, to, steps, scale, integer } = axis
  return { from, to, steps, scale, integer }
}

/** A number as typed: undefined for nothing, the text itself where it is not a number. */
export function readNumber(text: string): number | string | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  return isNumber.test(trimmed) && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed
}

/** A list of numbers as typed; pieces that are no numbers stay text. */
export function readNumbers(text: string): (number | string)[] {
  return (
    text
      .split(/[\s;]+/)
      // One comma between digits is a decimal comma, which the check names; commas that follow one another are a list's.
      .flatMap((part) => (decimalComma(part) ? [part] : part.split(',')))
      .map(readNumber)
      .filter((value) => value !== undefined)
  )
}

/** The sweep that a text means for a parameter of this type. */
export function readSweep(text: string, type: Param['type']): Sweep {
  const [trimmed, likely] = text.split(/@(.*)/s).map((part) => part.trim())
  // What is no number stays, for the check to name.
  const probabilities = likely !== undefined && { probabilities: readNumbers(likely) as number[] }
  if (type === 'boolean' || type === 'choice') {
    const words = trimmed.split(/[\s,;]+/).filter(Boolean)
    return { values: words.map((word) => (type === 'boolean' ? readBoolean(word) : word)), ...probabilities }
  }
  const range = isRange.exec(trimmed)
  if (range && !probabilities) {
    const [from, to] = [Number(range[1]), Number(range[2])]
    const steps = range[4] === undefined ? Math.abs(to - from) + 1 : Number(range[4])
    const whole = Number.isInteger(from) && Number.isInteger(to)
    if (steps >= 2 && steps <= limits.values && (range[3] !== undefined || whole))
      return {
        from,
        to,
        steps,
        scale: range[3] === 'log' ? 'log' : 'linear',
        integer: type === 'integer' || range[3] === undefined
      }
    return { values: [trimmed] }
  }
  if (trimmed.includes('..')) return { values: [trimmed] }
  return { values: readNumbers(trimmed), ...probabilities }
}

/** What is wrong with a range that was read as text: it has too many values, or does not say how many. */
export function rangeAdvice(text: string): string | undefined {
  const range = isRange.exec(text.trim())
  if (!range) return undefined
  const [, from, to] = range
  const whole = Number.isInteger(Number(from)) && Number.isInteger(Number(to))
  const values = Math.abs(Number(to) - Number(from)) + 1
  const ends = `${from}..${to}`
  const why =
    range[3] !== undefined
      ? `A range has 2 to ${count(limits.values)} values`
      : whole
        ? `${ends} is a range of ${count(values)} values, at most ${count(limits.values)} are allowed`
        : `${ends} is a range that does not say how many values it has`
  const log = Number(from) > 0 && Number(to) > 0 ? `, or ${ends} log 7 for seven at equal ratios` : ''
  return `${why}: write ${ends} x5 for five equal steps${log}.`
}

/** The text that `readSweep` reads back as this sweep. */
export function writeSweep(sweep: Sweep): string {
  if ('values' in sweep) {
    const { values, probabilities } = sweep
    return [values, ...(probabilities ? [probabilities] : [])].map((list) => list.map(String).join(', ')).join(' @ ')
  }
  const { from, to, steps, scale } = sweep
  if (scale === 'log') return `${from}..${to} log ${steps}`
  const whole = Number.isInteger(from) && Number.isInteger(to)
  return whole && steps === Math.abs(to - from) + 1 ? `${from}..${to}` : `${from}..${to} x${steps}`
}

function readBoolean(word: string): AxisValue {
  if (word === 'true' || word === 'yes') return true
  if (word === 'false' || word === 'no') return false
  return word
}
