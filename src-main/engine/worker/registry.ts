/** The models and tasks that the engine knows: the built-in ones and those of the user's folder. */
import { noneOf, type Catalog } from '../../../src-shared/shapes/catalog.ts'
import type { Cost, Workload } from '../../../src-shared/cost/cost.ts'
import { errorOf, StudioError, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { completed, fillParams, type Dims, type ParamValues, type Params } from '../../../src-shared/shapes/params.ts'
import type { Scope } from '../../../src-shared/shapes/scope.ts'
import type { AnyModel, Memory, WeightSource } from '../../models/model.ts'
import type { Recaller, RecallSetup } from '../../models/parts/recall/recaller.ts'
import { builtInModels } from '../../models/registry.ts'
import { tasks as builtInTasks } from '../../tasks/registry.ts'
import type { AnyTask } from '../../tasks/task.ts'
import { hashOf } from '../code-hash.ts'
import type { PythonBlock } from '../python/learner.ts'
import { pythonModel } from '../python/model.ts'
import { pythonOf, type Python } from '../python/python.ts'
import type { ModelFile } from '../worker-calls.ts'
import { checkedMemory } from './checked-memory.ts'

export class Registry {
  readonly #models = new Map<string, { model: AnyModel; origin: string }>()
  readonly #tasks = new Map<string, AnyTask>()
  readonly #python = new Map<string, Omit<PythonBlock, 'params'>>()
  readonly #refused = new Map<string, ErrorData>()
  readonly #declared = (kind: string): Params | undefined => this.#models.get(kind)?.model.params

  /** @throws StudioError conflict for an id that is taken */
  addModel(model: AnyModel, origin: string): void {
    const taken = this.#models.get(model.id)
    if (taken)
      throw new StudioError('conflict', `The model id "${model.id}" is taken (${taken.origin}); choose another.`, {
        file: origin
      })
    this.#models.set(model.id, { model, origin })
  }

  /** What to say when this model is asked for, unless another has its id. */
  refuse(id: string, error: ErrorData): void {
    this.#refused.set(id, error)
  }

  /** Where the classes of Python files are found. */
  addPython(id: string, where: Omit<PythonBlock, 'params'>): void {
    this.#python.set(id, where)
  }

  /** The class that a model is, if it is one of a Python file, with these parameters. */
  inPython(id: string, params: ParamValues): PythonBlock | undefined {
    const where = this.#python.get(id)
    return where && { ...where, params: this.complete(id, params) }
  }

  /** @throws StudioError conflict for an id that is taken */
  addTask(task: AnyTask): void {
    if (this.#tasks.has(task.id)) throw new StudioError('conflict', `The task id "${task.id}" is taken.`)
    this.#tasks.set(task.id, task)
  }

  /** @throws StudioError not-found, or why its file was refused */
  model(id: string, field?: string): AnyModel {
    const found = this.#models.get(id)
    const refused = this.#refused.get(id)
    if (!found && refused) throw errorOf(refused)
    return found?.model ?? noneOf('model', id, field)
  }

  /** @throws StudioError not-found */
  task(id: string): AnyTask {
    return this.#tasks.get(id) ?? noneOf('task', id)
  }

  /** The memories of the source's scripts, in the order in which they are built. */
  scripted(): string[] {
    const places = [...this.#models.values()].flatMap(({ model: { id, scripted } }) =>
      scripted === undefined ? [] : [{ id, scripted }]
    )
    return places.sort((a, b) => a.scripted - b.scripted).map(({ id }) => id)
  }

  /** All that the models and tasks say about themselves, as plain data. */
  catalog(): Catalog {
    return {
      models: [...this.#models.values()].map(({ model, origin }) => ({ ...plain(model), origin })),
      tasks: [...this.#tasks.values()].map(plain)
    }
  }

  /**
   * Complete parameters of a model.
   * @throws StudioError bad-input that names the field
   */
  fill(kind: string, params: Readonly<Record<string, unknown>>, dims?: Dims, at = 'params'): ParamValues {
    const { values, errors } = fillParams(this.model(kind).params, params, at, dims, this.#declared)
    if (errors.length) throw errorOf(errors[0])
    return values
  }

  /** Values of a stored cell, maybe filled in by an earlier version, with what stands for the parameters that they lack. */
  complete(kind: string, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return completed(this.model(kind).params, params, this.#declared)
  }

  /** What a memory of a kind costs for a workload, its params filled. */
  cost(kind: string, params: ParamValues, workload: Workload): Cost {
    const model = this.model(kind)
    return model.cost(this.complete(kind, params), workload, (inner, given, load) =>
      this.cost(inner, this.fill(inner, given), load)
    )
  }

  /**
   * Make a memory whose weights come from `weight`; memories inside it ask under their prefix. What it returns is
   * checked for its shape.
   */
  build(
    kind: string,
    params: Readonly<Record<string, unknown>>,
    batch: number,
    weight: WeightSource,
    observed = true,
    scope?: Scope
  ): Memory {
    const model = this.model(kind)
    const memory = model.create(this.complete(kind, params), {
      batch,
      weight,
      observed,
      ...(scope && { scope }),
      build: (inner, given, prefix, within = scope) =>
        this.build(
          inner,
          this.fill(inner, given),
          batch,
          (name, shape, init) => weight(prefix + name, shape, init),
          observed,
          within
        )
    })
    return checkedMemory(memory, batch, model.title)
  }

  /**
   * A simulated subject of a model of free recall.
   * @throws StudioError not-supported for a model that is none
   */
  simulate(kind: string, params: Readonly<Record<string, unknown>>, setup: RecallSetup): Recaller {
    const model = this.model(kind)
    if (!model.simulate)
      throw new StudioError('not-supported', `${model.title} is not a model of free recall.`, { field: 'model' })
    return model.simulate(this.complete(kind, params), setup)
  }
}

/** What can be cloned: everything but the functions. */
function plain<T extends object>(definition: T): PlainOf<T> {
  return structuredClone(
    Object.fromEntries(Object.entries(definition).filter(([, value]) => typeof value !== 'function'))
  ) as PlainOf<T>
}
type PlainOf<T> = Omit<T, 'create' | 'simulate' | 'cost' | 'run' | 'workload'>

/** @throws StudioError conflict when two built-in models or tasks share an id */
export function builtInRegistry(): Registry {
  const registry = new Registry()
  for (const model of builtInModels) registry.addModel(model, 'built-in')
  for (const task of builtInTasks) registry.addTask(task)
  return registry
}

/**
 * The built-in registry with the models of a user's files, and one error for each file that is refused.
 * @param loading told of each file before it is read
 * @param python runs the classes of Python files
 */
export async function loadRegistry(
  files: readonly ModelFile[],
  loading: (file: string) => void = () => undefined,
  python: Python = pythonOf(undefined, () => undefined)
): Promise<{ registry: Registry; errors: ErrorData[] }> {
  const registry = builtInRegistry()
  const errors: ErrorData[] = []
  if (files.length === 0) return { registry, errors }
  const { loadModel } = await import('./user-models.ts')
  const { codeOf } = await import('./module-graph.ts')
  for (const { file, id, code, python: entry } of files)
    try {
      if (!entry) loading(file)
      const model = entry ? pythonModel(id, file, entry, python) : await loadModel(file)
      if (model?.id !== id || (entry ? hashOf(file, entry.imports) : codeOf(file)) !== code)
        throw new StudioError('bad-file', 'This file has changed since the models were loaded; load them again.', {
          file
        })
      registry.addModel({ ...model, code }, file)
      if (entry) registry.addPython(id, { python, file, class: entry.class.name })
    } catch (error) {
      const data = toErrorData(error)
      errors.push(data)
      registry.refuse(id, data)
    }
  return { registry, errors }
}
