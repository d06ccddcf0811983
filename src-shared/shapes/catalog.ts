/**
 * What a model's or task's own file says about itself, as plain data. The engine sends it over the contract; the
 * renderer builds cards, forms, tooltips and axes from it and knows no model by name.
 */
import type { Diagram } from './diagram.ts'
import { StudioError, type ErrorData } from './errors.ts'
import type { Params } from './params.ts'
import type { PythonInfo } from './python.ts'
import type { ModelTheory, TaskTheory } from './theory.ts'

/** key-value: store and retrieve; sequence: forward; recall: a model of human free recall. */
export type ModelInterface = 'key-value' | 'sequence' | 'recall'

/** What a task may ask of a model beyond its interface, said of the model: "tests models that ...". */
export const capabilities = {
  tree: 'keep a tree of places and times',
  'memory-dimension': 'store in a space of a dimension of their own',
  recency: 'weigh episodes by their age'
} as const
export type Capability = keyof typeof capabilities

export interface SymbolInfo {
  /** TeX. */
  symbol: string
  meaning: string
  /** As written in the equation's docs: `[M, d]`. */
  shape?: string
  unit?: string
}

export interface ModelInfo {
  id: string
  title: string
  /** The section of the catalog: `Slot memories`, `Associative memories`, ... */
  family: string
  interfaces: readonly ModelInterface[]
  /** One sentence. */
  summary: string
  /** What it can and what it cannot recall, honestly. */
  recall: string
  /** TeX, one entry a line. */
  equations: readonly string[]
  symbols: readonly SymbolInfo[]
  /** The paper or document it comes from. */
  source: string
  /** Where the implementation differs from its source and why. */
  notes: readonly string[]
  params: Params
  /** Whether store and retrieve use contexts, and places and times. */
  uses: { contexts: boolean; places: boolean }
  /** What tasks may ask for besides. */
  capabilities?: readonly Capability[]
  /** Its place among the memories that the source's own scripts build, from 1: tasks that replay them build these. */
  scripted?: number
  /** The laws it obeys: its theoretical curves. */
  theory?: readonly ModelTheory[]
  /** false for a sequence block that cannot be trained, because its own writes hide its weights from the gradient. */
  trainable?: boolean
  /** Changed whenever the same parameters and seed may give another result. */
  revision: number
  /** `built-in`, or the file a user's model was loaded from. */
  origin: string
  /** The class that a model in a Python file is. */
  className?: string
  /** Of a user's model: hash of its file and of the files of its own that it imports. */
  code?: string
}

export type Direction = 'higher' | 'lower' | 'none'

/** A number, one from a task parameter p (the length of one that is a list), ceil((p + plus) / over), or the least of several. */
export type Factor = number | string | { param: string; plus?: number; over?: number } | { least: readonly Factor[] }

/** A number, or 1/x of a numeric task parameter; another number where a parameter has a certain value. */
type Chance = number | { oneOver: string; where?: { param: string; is: string; chance: number } }

/** The chance level at these values of the task's parameters; undefined where there is none. */
export function chanceAt(chance: Chance | undefined, valueOf: (param: string) => unknown): number | undefined {
  if (chance === undefined || typeof chance === 'number') return chance
  const { oneOver, where } = chance
  if (where && valueOf(where.param) === where.is) return where.chance
  const n = Number(valueOf(oneOver))
  return n > 0 ? 1 / n : undefined
}

export interface MetricInfo {
  name: string
  label: string
  unit?: string
  /** Which way is better. */
  direction: Direction
  /** Definition as TeX. */
  tex: string
  help: string
  /** Expected value of blind guessing. */
  chance?: Chance
  range?: readonly [number, number]
  /**
   * Of a share of right answers, and of what is within 0 and 1 and varies no more than such a share: of how many questions
   * a trial's value is taken, as a product.
   */
  of?: readonly Factor[]
  /** Never below zero, and without a bound above: an error, a loss, a time. */
  positive?: true
  /** Never below zero nor above this: a count of so many things. */
  most?: Factor
  /**
   * Of a number of steps: who got nowhere within `param` steps is given that number plus `plus`. It is a limit, not a
   * result: shown as "> T" and counted.
   */
  limit?: { param: string; plus?: number }
}

export interface SeriesInfo {
  name: string
  label: string
  unit?: string
  x: { label: string; unit?: string }
  direction: Direction
  help: string
  range?: readonly [number, number]
  /** Of shares: of how many questions each point of a trial's curve is taken, as a product. */
  of?: readonly Factor[]
  positive?: true
  /** Read on a log axis; what lies below this is drawn on it. */
  logFrom?: number
  /** A metric whose values lie on the axis of the steps: its mean is marked there. */
  marks?: string
}

/** A quantity computed from a metric along a sweep axis (capacity: where accuracy falls through .95). */
export interface DerivedInfo {
  name: string
  label: string
  kind: 'crossing'
  metric: string
  axis: string
  threshold: number
  scale: 'linear' | 'log'
  /** The metric rises along the axis: the least value that is enough, in place of the largest. */
  rising?: true
  help: string
}

export interface TaskInfo {
  id: string
  title: string
  family: string
  summary: string
  /** The protocol, step by step. */
  protocol: readonly string[]
  /** The same as a picture. */
  diagram: Diagram
  source: string
  params: Params
  /** Sweeps a new experiment starts with: `{ items: [5, 10, 20, 40, 80] }`. */
  defaultSweep: Readonly<Record<string, readonly number[]>>
  metrics: readonly MetricInfo[]
  /** The metric shown first. */
  mainMetric: string
  series: readonly SeriesInfo[]
  /** The series whose curves say what the task is about: shown first, in place of the main metric over the sweep. */
  opensWith?: string
  derived: readonly DerivedInfo[]
  /** Where its parameters stand in the laws of theory. */
  theory?: TaskTheory
  /** Which models it can test. */
  needs: {
    interface: ModelInterface | readonly ModelInterface[]
    places?: boolean
    contexts?: boolean
    capability?: Capability
    /** The task replays a script with this many of the scripted memories, and tests these. */
    scripted?: number
    /** Models are trained before they are tested. */
    training?: boolean
  }
  revision: number
}

/** The interfaces a task accepts: a model needs one of them. */
export const acceptedInterfaces = ({ needs }: Pick<TaskInfo, 'needs'>): readonly ModelInterface[] =>
  typeof needs.interface === 'string' ? [needs.interface] : needs.interface

export interface Catalog {
  models: ModelInfo[]
  /** Why files of the user's folder are not among the models. */
  notLoaded?: ErrorData[]
  /** What runs the models of the user's Python files, where there are any. */
  python?: PythonInfo
  tasks: TaskInfo[]
}

/** The model of this id, if the catalog has it. */
export const modelIn = ({ models }: Pick<Catalog, 'models'>, id: string): ModelInfo | undefined =>
  models.find((model) => model.id === id)

/** The task of this id, if the catalog has it. */
export const taskIn = ({ tasks }: Pick<Catalog, 'tasks'>, id: string): TaskInfo | undefined =>
  tasks.find((task) => task.id === id)

/** @throws StudioError not-found */
export const findModel = (catalog: Pick<Catalog, 'models'>, id: string): ModelInfo =>
  modelIn(catalog, id) ?? noneOf('model', id)

/** @throws StudioError not-found */
export const findTask = (catalog: Pick<Catalog, 'tasks'>, id: string): TaskInfo =>
  taskIn(catalog, id) ?? noneOf('task', id)

/** @throws StudioError not-found */
export function noneOf(what: 'model' | 'task', id: string, field?: string): never {
  throw new StudioError(
    'not-found',
    `There is no ${what} "${id}" in the catalog.${what === 'model' ? ' Is its folder still in the settings?' : ''}`,
    field === undefined ? {} : { field }
  )
}

/** Why a task cannot test a model, as one sentence, or undefined when it can. */
export function misfit(task: TaskInfo, model: ModelInfo): string | undefined {
  const { needs } = task
  const accepted = acceptedInterfaces(task)
  if (!accepted.some((kind) => model.interfaces.includes(kind)))
    return `${task.title} tests ${accepted.join(' and ')} memories; ${model.title} is a ${model.interfaces.join(' and ')} model.`
  if (needs.training && model.trainable === false)
    return `${task.title} trains its models; ${model.title} cannot be trained.`
  if (needs.places && !model.uses.places)
    return `${task.title} gives places and times; ${model.title} does not use them.`
  if (needs.contexts && !model.uses.contexts)
    return `${task.title} cues by context; ${model.title} does not use contexts.`
  if (needs.capability && !model.capabilities?.includes(needs.capability))
    return `${task.title} tests models that ${capabilities[needs.capability]}; ${model.title} does not.`
  if (needs.scripted !== undefined && !(model.scripted !== undefined && model.scripted <= needs.scripted))
    return `${task.title} is a fixed script, in which ${model.title} has no part.`
  return undefined
}
