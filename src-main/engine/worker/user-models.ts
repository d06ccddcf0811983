/**
 * A researcher's own models: files whose default export has the interface of a built-in model. The code is run as it is,
 * by the choice of whoever named the folder.
 */
import { complaint } from '../../../src-shared/shapes/issues.ts'
import * as tf from '@tensorflow/tfjs'
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { capabilities, type Capability } from '../../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { boolean, checkParam, choice, integer, number, type Param } from '../../../src-shared/shapes/params.ts'
import { lawNames } from '../../../src-shared/shapes/theory.ts'
import { defineModel, defineRecallModel, type AnyModel } from '../../models/model.ts'
import { watchImports } from './module-graph.ts'
import { reasonOf } from '../../tensors/backends/backend.ts'

/** What `import { ... } from 'engram-studio'` gives a user's file. */
const api = { defineModel, defineRecallModel, integer, number, boolean, choice }
const apiName = 'engram-studio'
const apiKey = 'engram-studio-api'

const text = z.string().min(1)
const sentence = z.string()
const bounds = { min: z.number(), max: z.number() }
const common = { label: text, help: sentence, unit: sentence.optional(), symbol: sentence.optional() }
const reference = z.object({ kind: text, params: z.record(z.string(), z.unknown()) })
const paramSchema = z.discriminatedUnion('type', [
  z.looseObject({ ...common, ...bounds, type: z.enum(['integer', 'number']), default: z.number() }),
  z.looseObject({ ...common, type: z.literal('boolean'), default: z.boolean() }),
  z.looseObject({ ...common, type: z.literal('choice'), options: z.array(text).min(1), default: text }),
  z.looseObject({ ...common, type: z.literal('model'), default: reference }),
  z.looseObject({ ...common, ...bounds, type: z.literal('models'), default: z.array(reference) }),
  z.looseObject({ ...common, ...bounds, type: z.literal('numbers'), default: z.array(z.number()) })
])
const operation = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'must be a function')
const modelSchema = z.looseObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and dashes'),
  title: text,
  family: text.default('My models'),
  interfaces: z.array(z.enum(['key-value', 'sequence', 'recall'])).min(1),
  summary: sentence.default(''),
  recall: sentence.default(''),
  equations: z.array(sentence).default([]),
  symbols: z
    .array(z.object({ symbol: text, meaning: text, shape: text.optional(), unit: text.optional() }))
    .default([]),
  source: sentence.default(''),
  notes: z.array(sentence).default([]),
  params: z.record(text, paramSchema),
  uses: z.object({ contexts: z.boolean(), places: z.boolean() }).default({ contexts: false, places: false }),
  capabilities: z.array(z.enum(Object.keys(capabilities) as Capability[])).optional(),
  theory: z
    .array(
      z.object({
        law: z.enum(lawNames),
        setting: z.record(text, z.union([z.string(), z.number(), z.boolean()])),
        params: z.record(text, z.unknown()).optional(),
        quantities: z.record(text, text).optional()
      })
    )
    .optional(),
  revision: z.int().default(1),
  create: operation,
  cost: operation
})

/**
 * A default export as a model; the documentation may be left out.
 * @throws StudioError bad-file that names the field
 */
export function checkModel(exported: unknown, file: string): AnyModel {
  const result = modelSchema.safeParse(exported)
  if (!result.success) {
    const { message, field } = complaint(result.error, exported)
    throw new StudioError('bad-file', `The default export is not a model: ${message}`, { file, field })
  }
  for (const [name, param] of Object.entries(result.data.params)) {
    const problem = checkParam(param as Param, param.default)
    if (problem)
      throw new StudioError('bad-file', `The default breaks its own bounds: ${problem}`, {
        file,
        field: `params.${name}.default`
      })
  }
  return result.data as unknown as AnyModel
}

/**
 * What a user's file holds: a model, or nothing for itself (a helper of others).
 * @throws StudioError bad-file for a file that does not load, or whose default export is not a model
 */
export async function loadModel(file: string): Promise<AnyModel | undefined> {
  offerApi()
  watchImports()
  let exported: unknown
  try {
    exported = defaultOf((await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>)
  } catch (error) {
    if (error instanceof StudioError) throw error
    throw notLoaded(file, error)
  }
  return exported === undefined ? undefined : checkModel(exported, file)
}

/** What was thrown while a file was loaded, with the place in the user's own files where it was. */
export function notLoaded(file: string, thrown: unknown): StudioError {
  const cause = thrown instanceof Error ? thrown.stack : undefined
  return new StudioError('bad-file', `This model does not load: ${reasonOf(thrown)}.`, {
    file,
    ...(cause && { cause })
  })
}

/** A default export; also that of a module which a compiler has made CommonJS (`exports.default`). */
function defaultOf(module: Record<string, unknown>): unknown {
  const inner = module.default
  const compiled = typeof inner === 'object' && inner !== null && '__esModule' in inner && 'default' in inner
  if (compiled) return inner.default
  // A CommonJS file that exports nothing has an empty object.
  const isEmpty = typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0
  return isEmpty ? undefined : inner
}

let offered = false

/** A folder anywhere on disk has no node_modules: the studio lends its own tensors and its helpers. */
function offerApi(): void {
  if (offered) return
  offered = true
  const lent: Record<string, object> = { [apiName]: api, '@tensorflow/tfjs': tf, '@tensorflow/tfjs-core': tf }
  ;(globalThis as Record<string, unknown>)[apiKey] = lent
  registerHooks({
    resolve: (specifier, context, next) =>
      Object.hasOwn(lent, specifier)
        ? { url: `${apiName}:${specifier}`, shortCircuit: true }
        : next(specifier, context),
    load(url, context, next) {
      if (!url.startsWith(`${apiName}:`)) return next(url, context)
      const name = url.slice(apiName.length + 1)
      const names = Object.keys(lent[name]).filter((key) => key !== 'default')
      const source = `export const { ${names.join(', ')} } = globalThis['${apiKey}']['${name}']`
      return { format: 'module', source, shortCircuit: true }
    }
  })
}
