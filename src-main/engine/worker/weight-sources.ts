/**
 * Where a memory's weights come from: drawn per trial, or read from named tensors (a weights file or a fixture). Either
 * way a model asks by state_dict name and gets [B, ...shape], which it owns.
 */
import * as tf from '@tensorflow/tfjs'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { Init, WeightSource } from '../../models/model.ts'
import { stack } from '../../tensors/random/draws.ts'
import { PhiloxStream } from '../../tensors/random/philox.ts'
import type { TorchGenerator } from '../../tensors/random/torch.ts'
import type { NamedTensor, NamedTensors } from '../../tensors/weights/named-tensor.ts'

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** The shape of what the memory takes: all of it, or the first rows. */
export function takenShape(shape: readonly number[], init: Init): readonly number[] {
  return init.kind === 'normal' && init.first !== undefined ? [init.first, ...shape.slice(1)] : shape
}

/** Weights drawn by each trial's stream `weight:NAME` under its key: the same whenever a name is asked for again. */
export function philoxWeights(keys: readonly string[]): WeightSource {
  return (name, shape, init) => {
    const taken = takenShape(shape, init)
    const size = sizeOf(taken)
    const rows = keys.map((key) => {
      const stream = new PhiloxStream(key, `weight:${name}`)
      const row = new Float32Array(size)
      if (init.kind === 'ones') row.fill(1)
      if (init.kind === 'normal') for (let i = 0; i < size; i++) row[i] = stream.normal() * init.scale
      if (init.kind === 'uniform')
        for (let i = 0; i < size; i++) row[i] = (init.centre ?? 0) + (2 * stream.uniform() - 1) * init.bound
      return row
    })
    return tf.tensor(stack(rows, Float32Array), [keys.length, ...taken], 'float32')
  }
}

/** Weights drawn as PyTorch draws them, in the order of the calls, from each trial's running generator. */
export function torchWeights(generators: readonly TorchGenerator[]): WeightSource {
  return (_, shape, init) => {
    const taken = takenShape(shape, init)
    const rows = generators.map((generator) => torchInit(generator, sizeOf(shape), init).subarray(0, sizeOf(taken)))
    return tf.tensor(stack(rows, Float32Array), [generators.length, ...taken], 'float32')
  }
}

function torchInit(generator: TorchGenerator, size: number, init: Init): Float32Array {
  switch (init.kind) {
    case 'zeros':
      generator.rand(init.discards ?? 0)
      return new Float32Array(size)
    case 'ones':
      return new Float32Array(size).fill(1)
    case 'normal': {
      const scale = Math.fround(init.scale)
      return generator.randn(size).map((value) => value * scale)
    }
    case 'uniform': {
      const { centre = 0, bound } = init
      return generator.uniform(size, centre - bound, centre + bound)
    }
  }
}

/** The same source, overheard: told every weight of the first trial. What a memory writes into is state, not weight. */
export function overheard(
  source: WeightSource,
  onWeight: ((name: string, tensor: NamedTensor) => void) | undefined
): WeightSource {
  if (!onWeight) return source
  return (name, shape, init) => {
    // A file holds the whole weight, also where the memory takes its first rows only.
    const whole = source(name, shape, init.kind === 'normal' ? { kind: 'normal', scale: init.scale } : init)
    if (!(init.kind === 'zeros' && init.state))
      onWeight(name, { shape: [...shape], data: (whole.dataSync() as Float32Array).slice(0, sizeOf(shape)) })
    const taken = takenShape(shape, init)
    if (taken === shape) return whole
    const tensor = whole.slice([0, ...taken.map(() => 0)], [whole.shape[0]!, ...taken])
    whole.dispose()
    return tensor
  }
}

export interface GivenWeights {
  source: WeightSource
  /** Throws for a tensor that no memory asked for. Call it once every weight has been asked for. */
  finish(): void
}

/**
 * Weights read from named tensors, the same for every trial of the batch.
 * @param about names the file in the errors; the field is `weights.NAME`
 * @param onMisfit told every tensor that is missing, misshapen or extra, instead of an error for the first; zeros stand for it
 * @throws StudioError bad-file for a missing, misshapen or (from `finish`) extra tensor
 */
export function givenWeights(
  tensors: NamedTensors,
  batch: number,
  about: { file?: string } = {},
  onMisfit?: (message: string) => void
): GivenWeights {
  const asked = new Set<string>()
  const refuse = (name: string, message: string): void => {
    if (onMisfit) return onMisfit(message)
    throw new StudioError('bad-file', message, { ...about, field: `weights.${name}` })
  }
  const blank = (shape: readonly number[], init: Init): tf.Tensor => tf.zeros([batch, ...takenShape(shape, init)])
  return {
    source(name, shape, init) {
      asked.add(name)
      const found = tensors.get(name)
      const wanted = `[${shape.join(', ')}]`
      if (!found && init.kind === 'zeros' && init.state) return tf.zeros([batch, ...shape])
      if (!found) {
        refuse(name, `The weight "${name}" ${wanted} is missing.`)
        return blank(shape, init)
      }
      if (found.shape.length !== shape.length || found.shape.some((n, i) => n !== shape[i])) {
        refuse(name, `The weight "${name}" has shape [${found.shape.join(', ')}]; the model needs ${wanted}.`)
        return blank(shape, init)
      }
      const taken = takenShape(shape, init)
      const data = found.data.subarray(0, sizeOf(taken))
      return tf.tidy(() => tf.tile(tf.tensor(data, [1, ...taken], 'float32'), [batch, ...taken.map(() => 1)]))
    },
    finish() {
      for (const name of tensors.keys()) if (!asked.has(name)) refuse(name, `The model has no weight "${name}".`)
    }
  }
}
