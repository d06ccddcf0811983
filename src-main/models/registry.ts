/** Every built-in model, in alphabetical order. To add one: write its file, add its line. */
import linearAssociator from './linear-associator.ts'
import type { AnyModel } from './model.ts'

export const builtInModels: readonly AnyModel[] = [linearAssociator]
