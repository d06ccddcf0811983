import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { verifyFolder } from '../../../../src-main/engine/verify/verify.ts'
import { writeFixture, type FixtureTensor } from '../../../../src-main/engine/verify/write-fixture.ts'
import { registry } from '../../../support/drive-memory.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const folder = temporaryFolder('fixture')
const models = registry.catalog().models.map(({ id }) => id)

describe('a fixture that the studio writes', () => {
  it('of every model passes on another backend than it was made on, in batches of one and three', async () => {
    for (const id of models)
      writeFileSync(join(folder, `${id}.json`), JSON.stringify(await writeFixture(registry, id, {}, 1)))
    const { results, passed } = await verifyFolder(folder, { backends: ['wasm'] })
    expect(results.filter((result) => !result.passed)).toEqual([])
    expect(passed).toBe(models.length)
  })

  it('is the same for a seed and another for another seed, and leaves no tensor behind', async () => {
    await writeFixture(registry, 'fast-weights', {}, 7)
    const before = tf.memory().numTensors
    const [a, b, c] = [
      await writeFixture(registry, 'fast-weights', {}, 7),
      await writeFixture(registry, 'fast-weights', {}, 7),
      await writeFixture(registry, 'fast-weights', {}, 8)
    ]
    expect(tf.memory().numTensors).toBe(before)
    expect(b).toEqual(a)
    expect(c.weights).not.toEqual(a.weights)
    expect(c.steps).not.toEqual(a.steps)
  })

  it('holds what a linear associator answers by its equation, r = sum v_i (k_i . q)', async () => {
    const { steps } = await writeFixture(registry, 'linear-associator', { dim: 4 }, 3)
    const [before, store, after] = steps as Record<string, FixtureTensor>[]
    const row = ({ shape, data }: FixtureTensor, i: number): readonly number[] =>
      data.slice(i * shape[1], (i + 1) * shape[1])
    expect(before.expect.data.every((value) => value === 0)).toBe(true)
    const q = row(after.queries, 1)
    const expected = [0, 0, 0, 0]
    for (let i = 0; i < store.keys.shape[0]; i++) {
      const overlap = row(store.keys, i).reduce((sum, k, j) => sum + k * q[j], 0)
      row(store.values, i).forEach((v, j) => (expected[j] += v * overlap))
    }
    row(after.expect, 1).forEach((got, j) => expect(got).toBeCloseTo(expected[j], 5))
  })

  it('takes its sizes from the parameters, also from those of a memory inside', async () => {
    const keysOf = async (kind: string, params: Record<string, unknown>): Promise<readonly number[]> =>
      ((await writeFixture(registry, kind, params, 1)).steps[1].keys as FixtureTensor).shape
    expect(await keysOf('hopfield', {})).toEqual([6, 8])
    expect(await keysOf('hopfield', { dim: 12 })).toEqual([6, 12])
    expect(await keysOf('true-matrix', { rows: 3, columns: 5 })).toEqual([6, 15])
    expect(await keysOf('stacked', { kind: 'hopfield', params: { dim: 10 } })).toEqual([6, 10])
  })

  it('is refused for parameters out of bounds, by their field', async () => {
    await expect(writeFixture(registry, 'hopfield', { dim: -1 }, 1)).rejects.toMatchObject({
      data: { code: 'bad-input', field: 'params.dim' }
    })
    await expect(writeFixture(registry, 'no-such', {}, 1)).rejects.toMatchObject({ data: { code: 'not-found' } })
  })
})
