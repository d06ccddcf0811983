/** Memory that persists between calls, and training that sees through them. */
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '@tensorflow/tfjs'
import { builtInModels } from '../../../src-main/models/registry.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { philoxDraws } from '../../../src-main/tensors/random/draws.ts'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import { paramsFor, registry, small, variantsOf } from '../../support/drive-memory.ts'

beforeAll(() => useBackend('wasm'))

const [seeds, length, dim] = [[1, 2], 6, small.dim]
const drawn = (name: string, scale = 1): tf.Tensor3D =>
  tf.tensor3d(
    philoxDraws(seeds.map((seed) => `calls-${seed}`))
      .normal(name, length * dim)
      .map((x) => x * scale),
    [seeds.length, length, dim]
  )

interface Passed {
  loss: number
  output: Float32Array
  /** By the name of each weight, and `x`. */
  gradients: Map<string, Float32Array>
}

/** sum(y o r) of a block that reads x in calls of so many tokens, and its gradients; `change` moves the weights before. */
function pass(
  id: string,
  params: ParamValues,
  calls: readonly number[],
  change: (name: string, weight: tf.Tensor) => tf.Tensor = (_, weight) => weight
): Passed {
  const model = registry.model(id)
  const source = philoxWeights(seeds.map((seed) => `weights-${seed}`))
  const weights = new Map<string, tf.Tensor>()
  const filled = paramsFor(model, small, params)
  registry
    .build(id, filled, seeds.length, (name, shape, init) => {
      const weight = source(name, shape, init)
      weights.set(name, tf.keep(change(name, weight.clone())))
      return weight
    })
    .dispose()
  const [x, r] = [drawn('x'), drawn('r')]
  let output: tf.Tensor | undefined
  let made: Memory | undefined
  const { value, grads } = tf.engine().gradients(
    () => {
      made = registry.build(id, filled, seeds.length, (name) => weights.get(name)!.clone())
      let at = 0
      const said = calls.map((size) => {
        const part = x.slice([0, at, 0], [-1, size, -1])
        at += size
        return made!.forward!(part, { turns: [size - 1] })
      })
      output = tf.keep(tf.concat(said, 1))
      return tf.sum(output.mul(r)) as tf.Scalar
    },
    [x, ...weights.values()],
    undefined,
    true
  )
  made?.dispose()
  const names = ['x', ...weights.keys()]
  const zero = new Float32Array()
  const result: Passed = {
    loss: value.dataSync()[0],
    output: output!.dataSync<'float32'>().slice(),
    gradients: new Map(
      names.map((name, i) => [name, (grads[i] as tf.Tensor | undefined)?.dataSync<'float32'>().slice() ?? zero])
    )
  }
  tf.dispose([...weights.values(), x, r, value, output!, ...grads.filter((grad) => (grad as unknown) !== undefined)])
  return result
}

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
function expectClose(found: Float32Array, wanted: Float32Array, what: string): void {
  expect(found.length, what).toBe(wanted.length)
  const scale = Math.max(1, largest(wanted))
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0)
  expect(worst / scale, what).toBeLessThan(2e-4)
}

/** Blocks whose answers do not depend on where a sequence is cut into calls. */
const whole: [string, ParamValues][] = [
  ['attention', { heads: 2, window: 3 }],
  ['episodic-cmr', { heads: 2, memorySlots: 3 }],
  ['episodic-cmr', { heads: 2, memorySlots: 3, decay: 0.5 }],
  ['linear-attention', { heads: 2, convolution: 'short' }],
  ['retnet', { heads: 2, positions: 'rotary' }],
  ['mamba-2', { heads: 2 }],
  ['delta-net', { heads: 2 }],
  ['gated-delta-rule', { heads: 2 }],
  ['gated-delta-rule', { heads: 2, convolution: 'none' }],
  ['titans', { chunk: 1 }],
  ['titans', { chunk: 2, convolution: 'short' }],
  ['titans', { chunk: 2, rates: 'token' }],
  ['hybrid', { heads: 2, memorySlots: 3, chunk: 1 }]
]

describe.each(whole)('%s %o', (id, params) => {
  it('answers a sequence cut into calls as in one, and its gradients go back through the calls', () => {
    const [one, cut] = [pass(id, params, [6]), pass(id, params, [2, 4])]
    expectClose(cut.output, one.output, 'answers')
    for (const [name, gradient] of one.gradients) expectClose(cut.gradients.get(name)!, gradient, name)
  })
})

/** Every trainable block, with every option: the gradient along a line against the difference of two losses. */
const options = builtInModels
  .filter(({ interfaces, trainable }) => interfaces.includes('sequence') && trainable !== false)
  .flatMap((model) => {
    const few = {
      ...('heads' in model.params && { heads: 2 }),
      ...('memorySlots' in model.params && { memorySlots: 3 }),
      ...('window' in model.params && { window: 2 }),
      // A small step across the corner of a relu says nothing of the slope on either side.
      ...(model.id === 'transformer' && { expansion: 0 })
    }
    return variantsOf(model).map((given): [string, ParamValues] => [model.id, { ...few, ...given }])
  })

/** What one option alone does not reach. */
const together: [string, ParamValues][] = [
  ['titans', { chunk: 2, rates: 'token', convolution: 'short', learningRate: 0.3 }],
  // The writes of two layers take turns in one bank: what is kept of it is no stretch of it.
  [
    'transformer',
    {
      ...{ layers: 2, expansion: 0 },
      blocks: [{ kind: 'episodic-cmr', params: { heads: 2, memorySlots: 5, bank: 'shared' } }]
    }
  ]
]

describe.each([...options, ...together])('%s %o', (id, params) => {
  it('has the gradient of three calls that a small step shows', () => {
    const direction = philoxDraws(['direction'])
    const steps = new Map<string, Float32Array>()
    const step = (name: string, size: number): Float32Array => {
      if (!steps.has(name)) steps.set(name, direction.normal(name, size))
      return steps.get(name)!
    }
    const moved = (by: number) => (name: string, weight: tf.Tensor) =>
      tf.tidy(() => weight.add(tf.tensor(step(name, weight.size), weight.shape).mul(by)))
    const calls = [2, 3, 1]
    const slope = (by: number): number =>
      (pass(id, params, calls, moved(by)).loss - pass(id, params, calls, moved(-by)).loss) / (2 * by)
    const { gradients } = pass(id, params, calls)
    let along = 0
    for (const [name, gradient] of gradients)
      if (name !== 'x') gradient.forEach((value, i) => (along += value * step(name, gradient.length)[i]))
    // Richardson: the error of the central difference falls with the square of the step.
    const difference = (4 * slope(5e-4) - slope(1e-3)) / 3
    const scale = Math.max(1, Math.abs(along))
    expect(Math.abs(difference - along) / scale).toBeLessThan(0.03)
  })
})
