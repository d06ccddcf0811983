/** `recall-fixture/1`: steps of one list on one model of free recall, each state and choice against its expected value. */
import { z } from 'zod'
import { StudioError, toErrorData } from '../../../src-shared/shapes/errors.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import { luce, race } from '../../models/parts/recall/decision.ts'
import type { Recaller } from '../../models/parts/recall/recaller.ts'
import type { Registry } from '../worker/registry.ts'
import type { NamedTensor } from '../../tensors/weights/named-tensor.ts'
import { tensorFromJson } from '../../tensors/weights/files.ts'
import { compare, join, read, toleranceSchema, type Tolerance, type Verdict } from './compare.ts'

const index = z.int().min(0)
const stepSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('study'), items: z.array(index).min(1), sources: z.array(index).optional() }),
  z.strictObject({ op: z.literal('distractor'), beta: z.number().min(0).max(1) }),
  z.strictObject({ op: z.literal('recall'), item: index }),
  z.looseObject({ op: z.literal('state') }),
  z.strictObject({ op: z.literal('activation'), expect: z.unknown() }),
  z.strictObject({ op: z.literal('luce'), tau: z.number().positive(), excluded: z.array(index), expect: z.unknown() }),
  z.strictObject({
    op: z.literal('race'),
    kappa: z.number(),
    lambda_: z.number(),
    dt: z.number().positive(),
    tau: z.number().positive(),
    noise: z.unknown(),
    recalled: z.array(index),
    winner: z.int().min(-1),
    step: z.int().min(0),
    accumulators: z.unknown()
  })
])
const fixtureSchema = z.object({
  model: z.string(),
  params: z.record(z.string(), z.json()).default({}),
  pool: z.int().min(1).max(100_000),
  distractors: z.int().min(0).max(100_000).default(0),
  sources: z.int().min(0).max(1000).default(0),
  similarity: z.unknown().optional(),
  steps: z.array(stepSchema).min(1),
  tolerance: toleranceSchema
})
type Fixture = z.infer<typeof fixtureSchema>
type Step = Fixture['steps'][number]

/** Run the steps on one simulated subject. */
export async function verifyRecallFixture(json: unknown, registry: Registry): Promise<Verdict> {
  const fixture = read(fixtureSchema, json)
  const { pool, distractors, sources } = fixture
  const similarity =
    fixture.similarity === undefined ? undefined : tensor(fixture.similarity, 'similarity', [pool, pool]).data
  registry.model(fixture.model, 'model')
  const params: ParamValues = registry.fill(fixture.model, fixture.params)
  const recaller = registry.simulate(fixture.model, params, {
    pool,
    distractors,
    sources,
    ...(similarity && { similarity })
  })
  return Promise.resolve(join(fixture.steps.map((step, i) => runStep(recaller, step, fixture, `steps.${i}`))))
}

function runStep(recaller: Recaller, step: Step, fixture: Fixture, at: string): Verdict {
  const { pool, tolerance } = fixture
  try {
    switch (step.op) {
      case 'study':
        checkItems(step.items, pool, `${at}.items`)
        checkSources(step, fixture.sources, at)
        recaller.study(step.items, step.sources)
        return { worst: 0 }
      case 'distractor':
        recaller.distract(step.beta)
        return { worst: 0 }
      case 'recall':
        checkItems([step.item], pool, `${at}.item`)
        recaller.recalled(step.item)
        return { worst: 0 }
      case 'state':
        return state(recaller, step, tolerance, at)
      case 'activation':
        return against(recaller.activation(), step.expect, [pool], tolerance, `${at}.expect`)
      case 'luce': {
        checkItems(step.excluded, pool, `${at}.excluded`)
        const p = luce(recaller.activation(), step.tau, (item) => step.excluded.includes(item))
        return against(p, step.expect, [pool], tolerance, `${at}.expect`)
      }
      case 'race':
        return raceStep(recaller, step, pool, tolerance, at)
    }
  } catch (error) {
    const data = toErrorData(error)
    throw new StudioError(data.code === 'internal' ? 'model-failed' : data.code, data.message, {
      ...data,
      field: data.field?.startsWith(at) ? data.field : at
    })
  }
}

function state(recaller: Recaller, step: Step, tolerance: Tolerance, at: string): Verdict {
  const arrays = recaller.state()
  const verdicts: Verdict[] = []
  for (const [name, json] of Object.entries(step)) {
    if (name === 'op') continue
    const field = `${at}.${name}`
    if (!Object.hasOwn(arrays, name))
      refuse(field, `The model has no state "${name}"; it has ${Object.keys(arrays).join(', ')}.`)
    verdicts.push(against(arrays[name].data, json, arrays[name].shape, tolerance, field))
  }
  return join(verdicts)
}

function raceStep(
  recaller: Recaller,
  step: Extract<Step, { op: 'race' }>,
  pool: number,
  tolerance: Tolerance,
  at: string
): Verdict {
  checkItems(step.recalled, pool, `${at}.recalled`)
  const noise = tensorFromJson(step.noise, `${at}.noise`)
  if (noise.shape.length !== 2 || noise.shape[1] !== pool)
    refuse(`${at}.noise`, `Shape [steps, ${pool}] is due, not [${noise.shape.join(', ')}].`)
  const gone = Array.from({ length: pool }, (_, item) => step.recalled.includes(item))
  const { kappa, lambda_: lambda, dt, tau } = step
  // The fixture's noise is scaled already.
  const got = race(recaller.activation(), { kappa, lambda, dt, tau }, gone, noise.data, 1, 0, noise.shape[0])
  const exactly = (name: 'winner' | 'step'): Verdict =>
    compare(
      [got[name]],
      { shape: [1], data: Float32Array.of(step[name]) },
      { absolute: 0, relative: 0 },
      `${at}.${name}`
    )
  return join([
    exactly('winner'),
    exactly('step'),
    against(got.accumulators, step.accumulators, [pool], tolerance, `${at}.accumulators`)
  ])
}

function against(
  got: Float64Array,
  json: unknown,
  shape: readonly number[],
  tolerance: Tolerance,
  field: string
): Verdict {
  return compare(got, tensor(json, field, shape), tolerance, field)
}

/** A tensor of exactly this shape. */
function tensor(json: unknown, field: string, shape: readonly number[]): NamedTensor {
  const found = tensorFromJson(json, field)
  if (found.shape.length !== shape.length || found.shape.some((n, i) => n !== shape[i]))
    refuse(field, `Shape [${shape.join(', ')}] is due, not [${found.shape.join(', ')}].`)
  return found
}

function checkItems(items: readonly number[], pool: number, field: string): void {
  const wrong = items.find((item) => item >= pool)
  if (wrong !== undefined) refuse(field, `There is no item ${wrong} in a pool of ${pool}.`)
}

function checkSources({ items, sources }: Extract<Step, { op: 'study' }>, known: number, at: string): void {
  if (!sources) return
  if (sources.length !== items.length) refuse(`${at}.sources`, 'Each item needs its source.')
  const wrong = sources.find((source) => source >= known)
  if (wrong !== undefined) refuse(`${at}.sources`, `There is no source ${wrong}; the fixture has ${known}.`)
}

function refuse(field: string, message: string): never {
  throw new StudioError('bad-file', message, { field })
}
