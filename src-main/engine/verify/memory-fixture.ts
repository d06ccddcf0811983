/** `memory-fixture/1`: steps on one memory with given weights, each output against its expected value. */
import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { StudioError, toErrorData } from '../../../src-shared/shapes/errors.ts'
import type { Memory } from '../../models/model.ts'
import type { TraceValue } from '../../../src-shared/shapes/outcome.ts'
import { checkBackend } from '../../tensors/backends/index.ts'
import type { Registry } from '../worker/registry.ts'
import type { NamedTensor } from '../../tensors/weights/named-tensor.ts'
import { givenWeights } from '../worker/weight-sources.ts'
import { tensorFromJson, weightsFromJson } from '../../tensors/weights/files.ts'
import { compare, join, read, toleranceSchema, type Tolerance, type Verdict } from './compare.ts'

const tensor = z.unknown()
const numbers = z.array(z.number()).optional()
const stepSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('store'),
    keys: tensor,
    values: tensor,
    contexts: tensor.optional(),
    positions: numbers,
    times: numbers,
    importances: numbers
  }),
  z.strictObject({
    op: z.literal('retrieve'),
    queries: tensor,
    contexts: tensor.optional(),
    position: z.number().optional(),
    time: z.number().optional(),
    level: z.int().optional(),
    expect: tensor
  }),
  z.strictObject({
    op: z.literal('forward'),
    inputs: tensor,
    turns: z.array(z.int().min(0)).optional(),
    types: z.array(z.int().min(0)).optional(),
    expect: tensor
  }),
  z.looseObject({ op: z.literal('trace') })
])
const fixtureSchema = z.object({
  model: z.string(),
  params: z.record(z.string(), z.json()),
  weights: z.record(z.string(), z.unknown()).default({}),
  steps: z.array(stepSchema).min(1),
  tolerance: toleranceSchema
})
type Step = z.infer<typeof stepSchema>

/** Run a fixture in batches of so many copies, each of which must give the result: a batch changes nothing. */
export async function verifyMemoryFixture(
  json: unknown,
  registry: Registry,
  batches: readonly number[]
): Promise<Verdict> {
  const fixture = read(fixtureSchema, json)
  const params = registry.fill(fixture.model, nested(fixture.params, registry, fixture.model))
  const weights = weightsFromJson(fixture)
  const verdicts: Verdict[] = []
  for (const batch of batches) {
    const engine = tf.engine()
    engine.startScope('fixture')
    try {
      const given = givenWeights(weights, batch)
      const memory = registry.build(fixture.model, params, batch, given.source)
      for (const [i, step] of fixture.steps.entries())
        verdicts.push(await runStep(memory, step, batch, fixture.tolerance, `steps.${i}`))
      given.finish()
      checkBackend()
      memory.dispose()
    } finally {
      engine.endScope()
    }
  }
  return join(verdicts)
}

/** A memory of memories: the fixture writes its kind and params side by side, the model declares one parameter. */
function nested(params: Record<string, unknown>, registry: Registry, kind: string): Record<string, unknown> {
  const declared = registry.model(kind, 'model').params
  const slot = Object.keys(declared).find((name) => declared[name].type === 'model')
  if (slot === undefined || slot in params || !('kind' in params)) return params
  const { kind: inner, params: given = {}, ...rest } = params
  return { ...rest, [slot]: { kind: inner, params: given } }
}

async function runStep(memory: Memory, step: Step, batch: number, tolerance: Tolerance, at: string): Promise<Verdict> {
  const input = (name: string, json: unknown): tf.Tensor =>
    rows(tensorFromJson(json, `${at}.${name}`), batch, `${at}.${name}`)
  const optional = (name: string, json: unknown): tf.Tensor | undefined =>
    json === undefined ? undefined : input(name, json)
  try {
    switch (step.op) {
      case 'store': {
        const { positions, times, importances } = step
        if (!memory.store) return refuse(at, 'This model does not store.')
        memory.store({
          keys: input('keys', step.keys),
          values: input('values', step.values),
          contexts: optional('contexts', step.contexts),
          positions,
          times,
          importances
        })
        return { worst: 0 }
      }
      case 'retrieve': {
        const { position, time, level } = step
        if (!memory.retrieve) return refuse(at, 'This model does not retrieve.')
        const queries = input('queries', step.queries)
        const contexts = optional('contexts', step.contexts)
        const got = memory.retrieve({ queries, contexts, position, time, level })
        return await outputs(got, step.expect, batch, tolerance, at)
      }
      case 'forward': {
        if (!memory.forward) return refuse(at, 'This model has no forward.')
        const inputs = input('inputs', step.inputs)
        const { turns, types } = step
        if (types && types.length !== inputs.shape[1])
          return refuse(`${at}.types`, `${inputs.shape[1]} tokens need as many types, not ${types.length}.`)
        const all = types && Int32Array.from({ length: batch * types.length }, (_, i) => types[i % types.length])
        return await outputs(memory.forward(inputs, { turns, types: all }), step.expect, batch, tolerance, at)
      }
      case 'trace':
        return await traces(memory, step, tolerance, at)
    }
  } catch (error) {
    const data = toErrorData(error)
    throw new StudioError(data.code === 'internal' ? 'model-failed' : data.code, data.message, { field: at, ...data })
  }
}

async function outputs(
  got: tf.Tensor,
  json: unknown,
  batch: number,
  tolerance: Tolerance,
  at: string
): Promise<Verdict> {
  const expected = flatRows(tensorFromJson(json, `${at}.expect`))
  const shape = got.shape.slice(1)
  if (shape.length !== expected.shape.length || shape.some((n, i) => n !== expected.shape[i]))
    refuse(`${at}.expect`, `Shape [${expected.shape.join(', ')}] is expected; the model gave [${shape.join(', ')}].`)
  const data = await got.data()
  const size = expected.data.length
  return join(
    Array.from({ length: batch }, (_, b) =>
      compare(data.subarray(b * size, (b + 1) * size), expected, tolerance, `${at}.expect`)
    )
  )
}

/** Every named trace of a trace step, for every trial of the batch. */
async function traces(memory: Memory, step: Step, tolerance: Tolerance, at: string): Promise<Verdict> {
  const reported = (await memory.traces?.()) ?? []
  const verdicts: Verdict[] = []
  for (const [name, json] of Object.entries(step)) {
    if (name === 'op') continue
    const field = `${at}.${name}`
    const found = reported.find((trace) => trace.name === name)
    if (!found)
      return refuse(
        field,
        `The model reports no "${name}"; it has ${reported.map((t) => t.name).join(', ') || 'none'}.`
      )
    const expected = tensorFromJson(json, field)
    for (const value of found.perTrial) verdicts.push(compare(numbersOf(value, field), expected, tolerance, field))
  }
  return join(verdicts)
}

function numbersOf(value: TraceValue, field: string): readonly number[] {
  return 'data' in value ? value.data : refuse(field, 'This trace is a tree, not numbers.')
}

/** Matrices [N, rows, columns] are written out row by row, as a matrix memory takes them. */
const flatRows = ({ shape, data }: NamedTensor): NamedTensor =>
  shape.length === 3 ? { shape: [shape[0], shape[1] * shape[2]], data } : { shape, data }

function rows(given: NamedTensor, batch: number, field: string): tf.Tensor {
  const { shape, data } = flatRows(given)
  if (shape.length !== 2)
    refuse(field, `Rows of vectors [N, d], or matrices [N, rows, columns], are due, not [${shape.join(', ')}].`)
  return tf.tidy(() => tf.tile(tf.tensor(data, [1, ...shape] as [number, number, number]), [batch, 1, 1]))
}

function refuse(field: string, message: string): never {
  throw new StudioError('bad-file', message, { field })
}
