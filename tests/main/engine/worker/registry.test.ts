import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { builtInRegistry } from '../../../../src-main/engine/worker/registry.ts'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import { checkModel } from '../../../../src-main/engine/worker/user-models.ts'
import { givenWeights, philoxWeights, torchWeights } from '../../../../src-main/engine/worker/weight-sources.ts'
import { TorchGenerator } from '../../../../src-main/tensors/random/torch.ts'
import { shift, tinyRegistry, tinyTask } from './tiny.ts'

describe('the registry', () => {
  it('refuses an id that is taken, and an id that it does not know', () => {
    const registry = tinyRegistry()
    expect(() => registry.addModel(shift, 'again.js')).toThrow('is taken (tests)')
    expect(() => registry.addTask(tinyTask)).toThrow('is taken')
    expect(() => registry.model('no-such')).toThrow('no-such')
    expect(() => registry.task('no-such')).toThrow('no-such')
  })

  it('gives a catalog of plain data that can cross a process', () => {
    const catalog = builtInRegistry().catalog()
    expect(structuredClone(catalog)).toEqual(catalog)
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog)
    expect(catalog.models.every(({ origin }) => origin === 'built-in')).toBe(true)
  })

  it('completes parameters and names the one that is wrong', () => {
    const registry = tinyRegistry()
    expect(registry.fill('shift', {})).toEqual({ dim: 8 })
    expect(() => registry.fill('shift', { dim: 0 })).toThrow('at least 1')
  })
})

describe("a user's model", () => {
  const good = {
    id: 'mine',
    title: 'Mine',
    interfaces: ['key-value'],
    params: {},
    create: () => ({}),
    cost: () => ({})
  }

  it('needs no more than an id, a title, what it is, its parameters and its functions', () => {
    expect(checkModel(good, 'mine.js')).toMatchObject({ id: 'mine', family: 'My models', revision: 1 })
  })

  it.each([
    ['no default export', undefined, ''],
    ['no create', { ...good, create: undefined }, 'create'],
    ['an id with spaces', { ...good, id: 'my model' }, 'id'],
    ['an unknown law', { ...good, theory: [{ law: 'moore', setting: {} }] }, 'theory.0.law'],
    ['an unknown capability', { ...good, capabilities: ['foresight'] }, 'capabilities.0'],
    ['an unknown interface', { ...good, interfaces: ['telepathy'] }, 'interfaces.0'],
    [
      'a default out of bounds',
      { ...good, params: { n: { type: 'integer', label: 'N', help: '', default: 9, min: 1, max: 8 } } },
      'params.n.default'
    ]
  ])('with %s is refused by file and field', (_, exported, field) => {
    let refused: unknown
    try {
      checkModel(exported, 'mine.js')
    } catch (error) {
      refused = error
    }
    expect(refused).toBeInstanceOf(StudioError)
    const { code, file, field: named = '' } = (refused as StudioError).data
    // The file as a whole has no field.
    expect({ code, file, field: named }).toEqual({ code: 'bad-file', file: 'mine.js', field })
  })
})

describe('drawn weights', () => {
  it('are the same whenever a name is asked for again, and differ by name and trial', async () => {
    await useBackend('wasm')
    const weight = philoxWeights(['a', 'b'])
    const draw = (name: string): number[] => [...weight(name, [3], { kind: 'normal', scale: 1 }).dataSync()]
    expect(draw('x')).toEqual(draw('x'))
    expect(draw('x')).not.toEqual(draw('y'))
    expect(draw('x').slice(0, 3)).not.toEqual(draw('x').slice(3))
  })

  it('follow PyTorch: uniform is rand (b - a) + a, and a draw that it overwrites is made all the same', () => {
    const [generator, twin] = [new TorchGenerator(3), new TorchGenerator(3)]
    const weight = torchWeights([generator])
    weight('bias', [4], { kind: 'zeros', discards: 4 })
    twin.rand(4)
    const got = weight('w', [2, 3], { kind: 'uniform', bound: 0.25 }).dataSync()
    expect([...got]).toEqual([...twin.rand(6).map((u) => u * 0.5 - 0.25)])
  })
})

describe('given weights', () => {
  const tensors = new Map([['w', { shape: [2], data: Float32Array.of(1, 2) }]])

  it('are the same for every trial of a batch', () => {
    expect([...givenWeights(tensors, 3).source('w', [2], { kind: 'ones' }).dataSync()]).toEqual([1, 2, 1, 2, 1, 2])
  })

  it('may leave out state, and nothing else', () => {
    const { source } = givenWeights(new Map(), 2)
    expect([...source('F', [1], { kind: 'zeros', state: true }).dataSync()]).toEqual([0, 0])
    expect(() => source('bias', [1], { kind: 'zeros' })).toThrow('missing')
  })

  it('are refused when misshapen, or when the model asks for fewer', () => {
    const given = givenWeights(tensors, 1, { file: 'w.npz' })
    expect(() => given.source('w', [3], { kind: 'ones' })).toThrow('has shape [2]; the model needs [3]')
    const unused = givenWeights(tensors, 1)
    expect(() => unused.finish()).toThrow('The model has no weight "w"')
    tf.dispose(unused.source('w', [2], { kind: 'ones' }))
    expect(() => unused.finish()).not.toThrow()
  })
})
