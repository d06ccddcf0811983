import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { TorchGenerator } from '../../../../src-main/tensors/random/torch.ts'
import { givenWeights, philoxWeights, torchWeights } from '../../../../src-main/engine/worker/weight-sources.ts'
import type { WeightSource } from '../../../../src-main/models/model.ts'

beforeAll(() => useBackend('wasm'))

const data = Float32Array.from({ length: 30 }, (_, i) => i / 7)
const sources: Record<string, () => WeightSource> = {
  philox: () => philoxWeights(['a', 'b']),
  torch: () => torchWeights([new TorchGenerator(3), new TorchGenerator(4)]),
  'a file': () => givenWeights(new Map(['w', 'next'].map((name) => [name, { shape: [5, 6], data }])), 2).source
}

describe.each(Object.entries(sources))('weights from %s', (_, source) => {
  const rows = (first?: number): { shape: number[]; w: number[][]; next: number[] } => {
    const draw = source()
    return tf.tidy(() => {
      const w = draw('w', [5, 6], { kind: 'normal', scale: 0.1, first })
      const next = draw('next', [5, 6], { kind: 'normal', scale: 0.1 })
      const numbers = [...w.dataSync()]
      const each = numbers.length / 2
      return { shape: w.shape, w: [numbers.slice(0, each), numbers.slice(each)], next: [...next.dataSync()] }
    })
  }

  test('whose first rows alone are taken are the same numbers, and so are the weights after them', () => {
    const [whole, two, none] = [rows(), rows(2), rows(0)]
    expect(whole.shape).toEqual([2, 5, 6])
    expect(two.shape).toEqual([2, 2, 6])
    expect(two.w).toEqual(whole.w.map((trial) => trial.slice(0, 12)))
    expect(none.shape).toEqual([2, 0, 6])
    expect(two.next).toEqual(whole.next)
    expect(none.next).toEqual(whole.next)
  })
})
