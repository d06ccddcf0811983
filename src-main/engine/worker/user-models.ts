/**
 * A researcher's own models: every .js and .ts file of a folder whose default export has the interface of a built-in
 * model. The code is run as it is, by the choice of whoever named the folder.
 */
import { readdir } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { StudioError, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { boolean, checkParam, choice, integer, number, type Param } from '../../../src-shared/shapes/params.ts'
import { defineModel, defineRecallModel, type AnyModel } from '../../models/model.ts'
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
    const [issue] = result.error.issues
    const field = issue.path.join('.')
    throw new StudioError('bad-file', `The default export is not a model: ${issue.message}.`, { file, field })
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

export type UserModel = { file: string; model: AnyModel } | { error: ErrorData }

let loads = 0

/** Every model of a folder, or an error, file by file. Loading again reads the files again. */
export async function loadUserModels(folder: string): Promise<UserModel[]> {
  offerApi()
  loads++
  let names: string[]
  try {
    names = (await readdir(folder)).filter((name) => /(?<!\.d|\.test)\.(js|mjs|ts|mts)$/.test(name)).sort()
  } catch (error) {
    return [
      { error: { code: 'bad-file', message: `The model folder cannot be read: ${reasonOf(error)}.`, file: folder } }
    ]
  }
  return Promise.all(names.map((name) => loadOne(join(resolve(folder), name))))
}

async function loadOne(file: string): Promise<UserModel> {
  try {
    const url = pathToFileURL(file)
    url.searchParams.set('load', String(loads))
    const module = (await import(/* @vite-ignore */ url.href)) as { default?: unknown }
    return { file, model: checkModel(module.default, file) }
  } catch (error) {
    if (error instanceof StudioError) return { error: error.data }
    const cause = error instanceof Error ? error.stack : undefined
    return { error: { code: 'bad-file', message: `This model does not load: ${reasonOf(error)}.`, file, cause } }
  }
}

let offered = false

/** A folder anywhere on disk has no node_modules: the studio lends its own tensors and its helpers. */
function offerApi(): void {
  if (offered) return
  offered = true
  ;(globalThis as Record<string, unknown>)[apiKey] = api
  const tensors = import.meta.resolve('@tensorflow/tfjs')
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === apiName) return { url: `${apiName}:api`, shortCircuit: true }
      if (specifier === '@tensorflow/tfjs') return { url: tensors, shortCircuit: true }
      return next(specifier, context)
    },
    load(url, context, next) {
      if (url !== `${apiName}:api`) return next(url, context)
      const source = `export const { ${Object.keys(api).join(', ')} } = globalThis['${apiKey}']`
      return { format: 'module', source, shortCircuit: true }
    }
  })
}
