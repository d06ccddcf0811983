/**
 * Parameters as data. A model or task declares its parameters once, in its own file; from that declaration come its
 * TypeScript type, the check of an experiment file, the renderer's form and the catalog's documentation.
 */
import { decimalComma } from './decimals.ts'
import type { ErrorData } from './errors.ts'

/** Sizes a task fixes for the models it tests. A model parameter with `from` takes its value from here. */
export interface Dims {
  /** Length of a key (and of a value, unless `valueDim` says otherwise). */
  dim: number
  valueDim?: number
  /** Length of a context vector, when the task gives contexts. */
  contextDim?: number
  /** A key seen as a matrix: rows * columns = dim. */
  rows?: number
  columns?: number
}

interface Common {
  label: string
  help: string
  unit?: string
  /** The symbol in the equation, as TeX. */
  symbol?: string
  /** It has an effect only where another parameter beside it has one of these values. */
  needs?: { param: string; in: readonly string[] }
  /**
   * It was added when there were trials without it; they have its default (true), or this value. At that value it has no
   * part in a trial's identity.
   */
  later?: true | string
}

export interface NumberParam extends Common {
  type: 'integer' | 'number'
  default: number
  min: number
  max: number
  /** Slider and sweep scale that suits it. */
  scale?: 'linear' | 'log'
  /** Taken from the task's sizes where the task fixes them. */
  from?: keyof Dims
  /** Must divide this other parameter of the same model (heads divides dim). */
  divides?: string
}
export interface BooleanParam extends Common {
  type: 'boolean'
  default: boolean
}
export interface ChoiceParam<O extends string = string> extends Common {
  type: 'choice'
  options: readonly O[]
  default: O
}
/** One other model with its parameters (stacked). A file may also write it as two values of its own, `kind` and `params`. */
export interface ModelParam extends Common {
  type: 'model'
  default: ModelRef
}
/** A list of other models (the experts of a mixture). */
export interface ModelsParam extends Common {
  type: 'models'
  default: ModelRef[]
  min: number
  max: number
}
/** A list of numbers inside one trial (noise levels, thresholds). */
export interface NumbersParam extends Common {
  type: 'numbers'
  default: readonly number[]
  min: number
  max: number
}

/** Imported vectors by the hash of their content; '' for none. */
export interface VectorsParam extends Common {
  type: 'vectors'
  default: ''
}

export type Param = NumberParam | BooleanParam | ChoiceParam | ModelParam | ModelsParam | NumbersParam | VectorsParam
export type Params = Record<string, Param>

export interface ModelRef {
  kind: string
  params: ParamValues
}
export type ParamValue = number | boolean | string | readonly number[] | ModelRef | ModelRef[]
export interface ParamValues {
  [name: string]: ParamValue
}

/** The TypeScript type of the values that a declaration describes. */
export type ValuesOf<P extends Params> = {
  [K in keyof P]: P[K] extends NumberParam
    ? number
    : P[K] extends BooleanParam
      ? boolean
      : P[K] extends ChoiceParam<infer O>
        ? O
        : P[K] extends ModelParam
          ? ModelRef
          : P[K] extends ModelsParam
            ? ModelRef[]
            : P[K] extends VectorsParam
              ? string
              : readonly number[]
}

type Extra<T> = Omit<T, 'type' | 'label' | 'default'>

/** A whole number with bounds. */
export const integer = (label: string, value: number, extra: Extra<NumberParam>): NumberParam => ({
  type: 'integer',
  label,
  default: value,
  ...extra
})
/** A real number with bounds. */
export const number = (label: string, value: number, extra: Extra<NumberParam>): NumberParam => ({
  type: 'number',
  label,
  default: value,
  ...extra
})
/** Yes or no. */
export const boolean = (label: string, value: boolean, extra: Extra<BooleanParam>): BooleanParam => ({
  type: 'boolean',
  label,
  default: value,
  ...extra
})
/** One of a few names. */
export const choice = <O extends string>(
  label: string,
  value: NoInfer<O>,
  options: readonly O[],
  extra: Omit<Extra<ChoiceParam<O>>, 'options'>
): ChoiceParam<O> => ({ type: 'choice', label, default: value, options, ...extra })

/** A set of imported vectors, none at first. */
export const vectors = (label: string, extra: Omit<Extra<VectorsParam>, 'unit'>): VectorsParam => ({
  type: 'vectors',
  label,
  default: '',
  ...extra
})

/**
 * What a parameter would need to have an effect, in words; undefined where it has one. A parameter that is swept may
 * come to have it.
 * @param values those that are given; others have their defaults
 */
export function withoutEffect(
  param: Param,
  params: Params,
  values: Readonly<Record<string, unknown>>,
  swept: (name: string) => boolean
): string | undefined {
  const { needs } = param
  const other = needs && params[needs.param]
  if (!needs || !other || swept(needs.param)) return undefined
  return needs.in.includes(String(values[needs.param] ?? other.default))
    ? undefined
    : `${other.label}: ${needs.in.join(' or ')}`
}

/** The rows and columns nearest to a square with rows * columns = dim and rows <= columns. */
export function nearestSquare(dim: number): { rows: number; columns: number } {
  // Anything else is refused where parameters are checked; it has no divisor to find.
  if (!Number.isInteger(dim) || dim < 1) return { rows: 1, columns: dim }
  let rows = Math.floor(Math.sqrt(dim))
  while (dim % rows !== 0) rows--
  return { rows, columns: dim / rows }
}

/** The values that parameters have where nothing sets them. */
export const defaultsOf = (declared: Params | undefined): ParamValues =>
  Object.fromEntries(Object.entries(declared ?? {}).map(([name, param]) => [name, param.default]))

/** What a nested model reference needs: the declarations of the kinds it may name. */
export type KnownKinds = (kind: string) => Params | undefined

/**
 * Fill in defaults and the task's sizes, and check bounds.
 * Returns complete values and one error per field; the values are usable only when there are no errors.
 * @param given the values as written in the experiment file (already plain JSON)
 * @param at dotted path of `given` in the file, for the errors
 * @param dims the sizes the task fixes, if a model is being filled in
 */
export function fillParams(
  declared: Params,
  given: Readonly<Record<string, unknown>>,
  at: string,
  dims: Dims | undefined,
  known: KnownKinds
): { values: ParamValues; errors: ErrorData[] } {
  given = gatherRef(declared, given)
  const errors: ErrorData[] = []
  const values: ParamValues = {}
  const refuse = (name: string, message: string): void => {
    errors.push({ code: 'bad-input', message, field: `${at}.${name}` })
  }
  for (const name of Object.keys(given))
    if (!Object.hasOwn(declared, name))
      refuse(name, `There is no parameter "${name}"; known are ${Object.keys(declared).join(', ') || 'none'}.`)
  for (const [name, param] of Object.entries(declared)) {
    const fixed = param.type === 'integer' && param.from ? boundSize(param.from, dims) : undefined
    const raw = Object.hasOwn(given, name) ? given[name] : undefined
    if (fixed !== undefined) {
      if (raw !== undefined && raw !== fixed)
        refuse(name, `${param.label} is set by the task to ${fixed}; leave it out or change the task.`)
      values[name] = fixed
      continue
    }
    const value = raw === undefined ? structuredClone(param.default) : raw
    const problem = checkParam(param, value)
    if (problem) {
      refuse(name, problem)
      continue
    }
    if (param.type === 'model') values[name] = fillRef(value as ModelRef, `${at}.${name}`, dims, known, errors)
    else if (param.type === 'models')
      values[name] = (value as ModelRef[]).map((ref, i) => fillRef(ref, `${at}.${name}.${i}`, dims, known, errors))
    else values[name] = value as ParamValue
  }
  for (const [name, param] of Object.entries(declared)) {
    if (param.type !== 'integer' || !param.divides) continue
    const [part, whole] = [values[name], values[param.divides]]
    if (typeof part === 'number' && typeof whole === 'number' && whole % part !== 0)
      refuse(name, `${param.label} (${part}) must divide ${param.divides} (${whole}).`)
  }
  return { values, errors }
}

/** What a parameter was before there was one, where it was added later. */
export const valueBefore = ({ later, default: usual }: Param): ParamValue | undefined =>
  later === true ? usual : later

/**
 * Values that were filled in before parameters were added, and what stands for those: also of the models inside.
 * @param values of a stored cell, or complete ones, which stay as they are
 */
export function completed(
  declared: Params,
  values: Readonly<Record<string, unknown>>,
  known: KnownKinds
): Record<string, unknown> {
  const inside = ({ kind, params = {} }: ModelRef): ModelRef => ({
    kind,
    params: completed(known(kind) ?? {}, params, known) as ParamValues
  })
  const whole = Object.entries(declared).map(([name, param]): [string, unknown] => {
    if (!Object.hasOwn(values, name)) return [name, valueBefore(param) ?? param.default]
    if (param.type === 'model') return [name, inside(values[name] as ModelRef)]
    if (param.type === 'models') return [name, (values[name] as ModelRef[]).map(inside)]
    return [name, values[name]]
  })
  return { ...values, ...Object.fromEntries(whole) }
}

/** The size a task fixes for a parameter with this `from`, or undefined where it leaves it free. */
export function boundSize(from: keyof Dims, dims: Dims | undefined): number | undefined {
  if (!dims) return undefined
  if (dims[from] !== undefined) return dims[from]
  if (from === 'valueDim') return dims.dim
  if (from === 'rows' || from === 'columns') return nearestSquare(dims.dim)[from]
  return undefined
}

/** `{kind, params, ...}` as `{NAME: {kind, params}, ...}`, where NAME is the one model parameter declared. */
function gatherRef(declared: Params, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const name = Object.keys(declared).find((key) => declared[key].type === 'model')
  if (!name || !Object.hasOwn(given, 'kind') || Object.hasOwn(given, name)) return given
  const { kind, params = {}, ...rest } = given
  return { ...rest, [name]: { kind, params } }
}

function fillRef(ref: ModelRef, at: string, dims: Dims | undefined, known: KnownKinds, errors: ErrorData[]): ModelRef {
  const declared = known(ref.kind)
  if (!declared) {
    errors.push({ code: 'bad-input', message: `There is no model "${ref.kind}".`, field: `${at}.kind` })
    return ref
  }
  const filled = fillParams(declared, ref.params ?? {}, `${at}.params`, dims, known)
  errors.push(...filled.errors)
  return { kind: ref.kind, params: filled.values }
}

/** What is wrong with one value, or undefined. */
export function checkParam(param: Param, value: unknown): string | undefined {
  switch (param.type) {
    case 'integer':
    case 'number': {
      if (typeof value !== 'number' || !Number.isFinite(value))
        return `${param.label} must be a number${typeof value === 'string' ? `: ${decimalComma(value) ?? `"${value.slice(0, 40)}" is none`}` : ''}.`
      if (param.type === 'integer' && !Number.isInteger(value)) return `${param.label} must be a whole number.`
      if (value < param.min) return `${param.label} must be at least ${param.min}.`
      if (value > param.max) return `${param.label} must be at most ${param.max}.`
      return undefined
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${param.label} must be true or false.`
    case 'choice':
      return param.options.includes(value as string)
        ? undefined
        : `${param.label} must be one of ${param.options.join(', ')}.`
    case 'numbers':
      if (!Array.isArray(value) || value.length === 0 || value.length > 1000)
        return `${param.label} must be a list of 1 to 1000 numbers.`
      return value.every((v) => typeof v === 'number' && v >= param.min && v <= param.max)
        ? undefined
        : `${param.label} must hold numbers from ${param.min} to ${param.max}.`
    case 'vectors':
      return typeof value === 'string' && /^([0-9a-f]{64})?$/.test(value)
        ? undefined
        : `${param.label} must be the hash of imported vectors.`
    case 'model':
      return isRef(value) ? undefined : `${param.label} must be {kind, params}.`
    case 'models':
      if (!Array.isArray(value) || value.length < param.min || value.length > param.max)
        return `${param.label} must be a list of ${param.min} to ${param.max} models.`
      return value.every(isRef) ? undefined : `${param.label} must hold {kind, params}.`
  }
}

function isRef(value: unknown): value is ModelRef {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    typeof value.kind === 'string' &&
    (!('params' in value) || (typeof value.params === 'object' && value.params !== null))
  )
}
