import { type Catalog, modelIn, type ModelInfo, taskIn, type TaskInfo } from '../../src-shared/shapes/catalog.ts'
import type { ErrorData } from '../../src-shared/shapes/errors.ts'
import { ask } from './ask.ts'

/** Every model and task the studio knows, as their own files describe them. */
class CatalogState {
  current = $state.raw<Catalog>({ models: [], tasks: [] })
  /** Files of the user's model folder that could not be loaded. */
  errors = $state.raw<ErrorData[]>([])

  get models(): ModelInfo[] {
    return this.current.models
  }
  get tasks(): TaskInfo[] {
    return this.current.tasks
  }

  model(id: string): ModelInfo | undefined {
    return modelIn(this.current, id)
  }
  task(id: string): TaskInfo | undefined {
    return taskIn(this.current, id)
  }

  async load(): Promise<void> {
    this.current = await ask('catalog.get', {})
  }

  /** Read the user's model folder again. */
  async reload(): Promise<void> {
    const { catalog, errors } = await ask('catalog.reload', {})
    this.current = catalog
    this.errors = errors
  }
}

export const catalog = new CatalogState()
