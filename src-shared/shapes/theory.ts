/**
 * What a model's or a task's own file says about theory, as data: which law the model obeys, and where the task's
 * parameters stand in it. theory/curves.ts evaluates both; neither knows the other.
 */
import type { ParamValue } from './params.ts'

/** Every law that a model may name; theory/curves.ts has the formula of each. */
export const lawNames = [
  'associator',
  'associator-noisy-cue',
  'associator-correlated-keys',
  'exact',
  'delta-rule',
  'softmax-orthonormal-keys'
] as const
export type LawName = (typeof lawNames)[number]

/** The numbers that laws speak of: pairs N, key dimension d, relative cue noise sigma, key correlation r, inverse temperature beta. */
export type Quantity = 'pairs' | 'dim' | 'noise' | 'correlation' | 'beta'

/** How a list is made, stored and cued. */
export interface Setting {
  keys: string
  cue: string
  /** How often the whole list is stored. */
  writes: number
  /** Each value is the key of the next pair. */
  chained: boolean
}

/** One law that a model obeys, and where. */
export interface ModelTheory {
  law: LawName
  /** What the task's setting must be; what is not named may be anything. */
  setting: Partial<Setting>
  /** What the model's own parameters must be. */
  params?: Readonly<Record<string, ParamValue>>
  /** Parameters of the model that stand in the law. */
  quantities?: Partial<Record<Quantity, string>>
}

/** A parameter of the task; of `less` pairs fewer than it says. */
export interface FromParam {
  param: string
  less?: number
}

/** Where a task's parameters stand in the laws. */
export interface TaskTheory {
  /** The metric that is the mean cosine of what is retrieved to the true value. */
  metric: string
  quantities: Partial<Record<Quantity, FromParam>>
  /** Fixed by the task, or by one of its parameters. */
  setting: { [Word in keyof Setting]: Setting[Word] | FromParam }
}
