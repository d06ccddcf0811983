/**
 * Numbers as people read them, on pages, in reports and at a terminal: as many digits as the interval supports, a minus
 * sign, and 0 for what is zero to the precision of its inputs. CSV and JSON hold numbers as they are (csv.ts).
 */

/** What is left of numbers this many times larger is their rounding. */
const rounding = 1e-12
/** Digits of a number that comes without an interval. */
const usual = 4
/** Between these a number is written out, beyond them with a power of ten. */
const [least, most] = [1e-4, 1e6]
/** Half of an interval is written out down to here. */
const leastBeside = 1e-7

/** A minus sign for the hyphen of a number. */
const signed = (text: string): string => text.replaceAll('-', '−')
/** No sign stands before what is rounded to zero. */
const unsignedZero = (text: string): string => (/^-[0.]+$/.test(text) ? text.slice(1) : text)
const power = (value: number, digits: number): string => value.toExponential(digits).replace('e+', 'e')
const infinite = (value: number): string => (Number.isNaN(value) ? 'NaN' : value < 0 ? '−∞' : '∞')
/** The power of ten of the first digit, once rounded to so many. */
const magnitude = (value: number, digits = 2): number => Number(value.toExponential(digits - 1).split('e')[1])

/**
 * A number as text. With an uncertainty above 0 it has as many decimals as two significant digits of that need; without,
 * four significant digits and no trailing zeros. `0.953`, `−1.2e−7`, `2.926e17`, `∞`.
 */
export function numberText(value: number, uncertainty?: number): string {
  if (!Number.isFinite(value)) return infinite(value)
  if (!(uncertainty !== undefined && uncertainty > 0 && Number.isFinite(uncertainty))) return significant(value)
  const size = Math.max(Math.abs(value), uncertainty)
  const last = magnitude(uncertainty) - 1
  if (size < most && size >= least) return signed(unsignedZero(value.toFixed(Math.min(Math.max(-last, 0), 15))))
  if (Math.abs(value) < 10 ** last / 2) return '0'
  return signed(power(value, Math.min(Math.max(magnitude(Math.abs(value)) - last, 0), 15)))
}

/** So many significant digits, without trailing zeros; whole numbers below a million are not rounded. */
export function significant(value: number, digits = usual): string {
  if (!Number.isFinite(value)) return infinite(value)
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= most || size < least) return signed(power(value, digits - 1).replace(/\.?0+e/, 'e'))
  return signed(String(Number(value.toFixed(Math.min(Math.max(digits - 1 - magnitude(size, 15), 0), 15)))))
}

/**
 * `0.912 ± 0.014`: both with the digits that the interval supports; the mean alone when there is none.
 * @param scale how large the numbers are of which this is a difference or a mean, where that is known
 */
export function plusMinus(mean: number, half: number | null | undefined, scale = Math.abs(mean)): string {
  const centre = atPrecision(mean, scale)
  if (half === undefined || half === null) return numberText(centre)
  // Equal values leave rounding noise for a half-width.
  const width = atPrecision(half, Math.max(scale, Math.abs(mean)))
  // Beside a number that is written out a small half is too.
  const out = Math.abs(centre) >= least && Math.abs(centre) < most && width >= leastBeside && width < least
  return `${numberText(centre, width)} ± ${out ? width.toFixed(1 - magnitude(width)) : numberText(width, width)}`
}

/** `0.12 (0.08 to 0.16)`: a number and the ends of its interval, all with the digits that the interval supports. */
export function withEnds(value: number, low: number | null, high: number | null, scale = Math.abs(value)): string {
  const centre = atPrecision(value, scale)
  if (low === null || high === null) return numberText(centre)
  const [from, to] = [low, high].map((end) => atPrecision(end, scale))
  const half = (to - from) / 2
  return `${numberText(centre, half)} (${numberText(from, half)} to ${numberText(to, half)})`
}

/** 0 where a number is nothing but the rounding of numbers of this size. */
export const atPrecision = (value: number, scale: number): number =>
  Number.isFinite(scale) && Math.abs(value) <= rounding * scale ? 0 : value

/** Half the width of an interval around its mean, or undefined without one. */
export function halfWidth(point: { low?: number | null; high?: number | null }): number | undefined {
  return typeof point.low === 'number' && typeof point.high === 'number' ? (point.high - point.low) / 2 : undefined
}

/** With so many decimals, for columns of one kind: `−0.35`. */
export const fixed = (value: number, decimals: number): string =>
  Number.isFinite(value) ? signed(unsignedZero(value.toFixed(decimals))) : infinite(value)

/** A share of 1 as `12 %`. */
export const percent = (share: number, digits = 2): string => `${significant(100 * share, digits)} %`

/** A p value: three decimals, or `< 0.001`. */
export const pValue = (p: number): string => (p < 0.001 ? '< 0.001' : fixed(p, 3))

export const count = (value: number): string => signed(value.toLocaleString('en'))

/** `1 trial`, `20 trials`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** A value of a parameter or an axis, which was typed and is not rounded: six digits, whole numbers entirely. */
export function valueText(value: unknown): string {
  if (typeof value !== 'number') return String(value)
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? signed(String(value)) : significant(value, 6)
}

const si = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'] as const
const iec = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const

/** The number in its largest unit that leaves at least 1, with three significant digits. */
function scaled(value: number, base: number, units: readonly string[]): [text: string, unit: string] {
  let step = 0
  // What rounds to the next unit belongs to it.
  while (Math.abs(value) >= base - 0.5 && step < units.length - 1) {
    value /= base
    step++
  }
  const whole = Math.abs(value) >= 100
  return [significant(whole ? Math.round(value) : value, 3), units[step]]
}

/** 3.2 M, 12.4 G: three significant digits with an SI prefix. */
export const siNumber = (value: number): string => scaled(value, 1000, si).join(' ').trimEnd()

/** 12 FLOP, 3.2 MFLOP. */
export function flops(value: number): string {
  const [text, prefix] = scaled(value, 1000, si)
  return `${text} ${prefix}FLOP`
}

/** 512 B, 1.5 KiB. */
export const bytes = (value: number): string => scaled(value, 1024, iec).join(' ')
