/**
 * What the catalog says that models recall, held to the results of ready examples that ship, to a memory that is asked here,
 * or to the test that holds it elsewhere. Each sentence stands here by its beginning.
 */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect } from 'vitest'
import { fillParams, type ParamValues } from '../src-shared/shapes/params.ts'
import { builtInModels } from '../src-main/models/registry.ts'
import { LinearRecurrence } from '../src-main/models/parts/blocks/linear-recurrence.ts'
import { runBatch } from '../src-main/engine/worker/runner.ts'
import { useBackend } from '../src-main/tensors/backends/index.ts'
import { saysEffect } from './support/catalog-sentences.ts'
import { registry } from './support/drive-memory.ts'
import {
  type Check,
  type Claims,
  definition,
  type Elsewhere,
  holdSentences,
  near,
  ready
} from './support/held-sentences.ts'
import { cosines, make, recall, rows } from './support/pairs.ts'

beforeAll(() => useBackend('wasm'))

const test = (file: string, name: string): Elsewhere => ({ file: `tests/main/models/${file}.test.ts`, test: name })
const associative = (name: string): Elsewhere => test('associative', name)
const blocks = (name: string): Elsewhere => test('blocks', name)
const emptyReadsZeros = test('contract', 'answersWhenEmpty')
const chance =
  (label: string): Check =>
  () =>
    near(ready('ar-comparison').of(label, 'cosine'), 0, 0.1)

const of = Array.from({ length: 12 }, (_, i) => i)
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const ten = (dim = 32): [tf.Tensor3D, tf.Tensor3D] => [rows('k', 10, dim, { of }), rows('v', 10, dim, { of })]
/** Cosine of each of ten random pairs with its recall, all stored in one call. */
const recalled = (kind: string, params: ParamValues = {}, dim = 32): number[] =>
  recall(make(kind, dim, params, of), ...ten(dim))
const row = (x: tf.Tensor, i: number): tf.Tensor => x.slice([0, i, 0], [-1, 1, -1])

/** What a linear recurrence with given steps recalls of each of its pairs, all keys asked once all are written. */
function recurrent(
  count: number,
  dim: number,
  step: { logDecay?: number[]; beta?: number },
  orthonormal = false
): number[] {
  return tf.tidy(() => {
    const keys = orthonormal
      ? tf.eye(dim).slice([0, 0], [count, dim]).expandDims(0).tile([of.length, 1, 1])
      : rows('keys', count, dim, { of, unit: true })
    const values = rows('values', count, dim, { of })
    const [k, v] = [keys.expandDims(1), values.expandDims(1)]
    const strength = (value: number): tf.Tensor => tf.fill([of.length, 1, count, 1], value)
    const memory = new LinearRecurrence(false)
    const { logDecay, beta } = step
    memory.run({ q: k, k, v, logDecay, ...(beta !== undefined && { beta: strength(beta) }) })
    const asked = memory.run({
      q: k,
      k: tf.zerosLike(k),
      v: tf.zerosLike(v),
      logDecay: logDecay && [0],
      ...(beta !== undefined && { beta: strength(0) })
    })
    const found = cosines(asked.squeeze([1]), values)
    memory.clear()
    return found
  })
}

/** Means over forty simulated subjects. */
async function freeRecall(model: string, params: ParamValues, task: ParamValues): Promise<(metric: string) => number> {
  const { params: known, ...rest } = registry.task('free-recall')
  const taskParams = fillParams(
    known,
    { lists: 10, ...task },
    'task.params',
    { dim: 1 },
    (kind) => registry.model(kind).params
  ).values
  const cell = { use: 0, label: model, model, params: registry.fill(model, params), taskParams, point: {}, index: 0 }
  const subjects = Array.from({ length: 40 }, (_, i) => i)
  const outcomes = await runBatch({ params: known, ...rest }, cell, subjects, 'philox', {
    registry,
    checkCancelled: () => {}
  })
  return (metric) => mean(outcomes.map(({ metrics }) => metrics[metric]))
}

/** Bytes of what is kept of so many stored items. */
const stateOf = (kind: string, params: ParamValues, stored: number): number =>
  registry.cost(kind, registry.fill(kind, params), { stored, before: 0, queries: 1 }).state

const overwritten = test(
  'recurrences',
  'replaces the value of a key that comes again, where linear attention adds the two up'
)

/** How alike to its own value, or to that of another, what a hierarchy answers at a place is; NaN where it answers zeros. */
function found(
  key: 'own key' | 'other key',
  at: 'own place' | 'place of another' | 'nowhere',
  as?: 'the other'
): number {
  const [keys, values] = ten()
  const places = Array.from({ length: 10 }, (_, i) => 50 * i)
  const memory = make('hierarchical', 32, {}, of)
  memory.store!({ keys, values, positions: places, times: places, importances: places.map(() => 1) })
  const place = { 'own place': 150, 'place of another': 300, nowhere: 1777 }[at]
  const queries = key === 'own key' ? row(keys, 3) : rows('other key', 1, 32, { of })
  const answer = memory.retrieve!({ queries, position: place, time: place })
  memory.dispose()
  return mean(cosines(answer, row(values, as ? 6 : 3)))
}

const claims: Record<string, Claims> = {
  'linear-associator': {
    'Recalls exactly with orthonormal keys': () => {
      near(ready('sharpness').of('Linear associator', 'cosine'), 1, 1e-5)
      for (const items of [5, 20, 80])
        near(ready('capacity').of('Linear associator', 'cosine', { items }), 1 / Math.sqrt(1 + (items - 1) / 64), 0.02)
    },
    'An overwritten key': associative('an overwritten key gives .707'),
    'In a chain': () => {
      near(ready('contiguity').of('Linear associator', 'predecessor'), 0, 0.1)
      expect(ready('contiguity').of('Linear associator', 'successor')).toBeGreaterThan(0.98)
      near(ready('contiguity').of('Matrix, both ways', 'predecessor'), Math.SQRT1_2, 0.05)
    },
    'Store every pair the other way': associative('with both directions it reads as the plain matrix does with W + W^T')
  },
  'delta-rule': {
    'The item written last': associative('orthonormal keys are all exact'),
    'With random keys': () => {
      const gain = (items: number): number =>
        ready('capacity').of('Delta rule', 'cosine', { items }) -
        ready('capacity').of('Linear associator', 'cosine', { items })
      // 0.72 d = 46.
      expect(gain(40)).toBeGreaterThan(0)
      expect(gain(80)).toBeLessThan(0)
    },
    'A matrix that is corrected': associative('one key written a hundred times keeps its last value exactly')
  },
  hopfield: {
    'Recalls almost exactly': () => {
      for (const dim of [32, 64, 128])
        expect(ready('dimension').of('Hopfield', 'cosine', { dim })).toBeGreaterThan(0.999)
      expect(ready('dimension').of('Hopfield', 'accuracy', { dim: 4 })).toBeLessThan(0.5)
    },
    'Keys of unit length': () => {
      near(ready('sharpness').of('Hopfield', 'cosine', { beta: 1 }), 0.5, 0.05)
      expect(ready('sharpness').of('Hopfield', 'cosine', { beta: 8 })).toBeGreaterThan(0.999)
    },
    'Its store grows': () => {
      const at = (stored: number): number => stateOf('hopfield', {}, stored)
      near(at(40) / at(20), 2, 0.05)
    }
  },
  'episodic-slots': {
    'With its defaults': () => {
      for (const items of [5, 10, 20, 40, 80])
        near(ready('quickstart').of('Episodic slots', 'accuracy', { items }), 1 / items, 0.1)
    },
    'Hundreds of steps': () => {
      expect(ready('capacity').of('Slots, 200 steps', 'accuracy', { items: 40 })).toBeGreaterThan(0.9)
      expect(ready('forgetting').of('Slots by gradient', 'forgetting', { separation: 0 })).toBeGreaterThan(0.4)
    }
  },
  'fast-weights': {
    'With its untrained': chance('Fast weights'),
    'With projections set': associative(
      'fast weights: at chance as drawn; as identity the linear read is a linear associator'
    ),
    'The softmax read compares': () => {
      for (const projections of ['identity', 'random'])
        near(mean(recalled('fast-weights', { read: 'softmax', projections }, 16)), 0, 0.15)
    }
  },
  'context-drift': {
    'Cannot recall': chance('Context drift'),
    'It serves as the baseline': definition,
    'Adds a slowly drifting': associative("test.each(['context-drift', 'meta-fast-weights', 'graph'])")
  },
  'meta-fast-weights': {
    'Cannot recall': associative("test.each(['context-drift', 'meta-fast-weights', 'graph'])"),
    'It scores at chance': associative("test.each(['context-drift', 'meta-fast-weights', 'graph'])")
  },
  graph: {
    'Cannot recall': chance('Graph memory'),
    'It scores at chance': chance('Graph memory')
  },
  rag: {
    'With the untrained': chance('Retrieval-augmented memory'),
    'With identity': associative('rag: at chance as drawn; identity and training find the item'),
    'Beyond memorySize': associative('keeps the newest pairs only')
  },
  'gated-episodic': {
    'What the gate lets in': associative('open to all, it is a ring'),
    'The gate is untrained': async () => {
      const [keys, values] = [rows('k', 10, 32), rows('v', 10, 32)]
      const memory = make('gated-episodic', 32)
      memory.store!({ keys, values })
      const gate = (await memory.traces!()).find(({ name }) => name === 'gate')!
      memory.dispose()
      const shares = gate.perTrial.map((trial) =>
        'data' in trial ? mean(Array.from(trial.data, (g) => Number(g > 0.5))) : NaN
      )
      near(mean(shares), 0.5, 0.1)
      expect(Math.min(...shares)).toBeLessThan(0.1)
      expect(Math.max(...shares)).toBeGreaterThan(0.9)
    },
    'The context that is added': () => {
      const lost = mean(recalled('hopfield', {}, 8)) - mean(recalled('gated-episodic', { threshold: 0 }, 8))
      expect(lost).toBeGreaterThan(0)
      expect(lost).toBeLessThan(0.15)
    },
    'A ring of slots': associative('open to all, it is a ring')
  },
  'true-episodic': {
    'Recalls the last few': () => {
      for (const items of [5, 10, 20, 40, 80])
        expect(ready('quickstart').of('True episodic memory', 'cosine', { items })).toBeLessThan(0.65)
    },
    'Writing by copy': () => {
      for (const separation of [0, 1, 2, 5])
        expect(ready('forgetting').of('Episodes copied', 'accuracyA2', { separation })).toBe(1)
    },
    'Nothing ties an episode': () => {
      const [keys, values] = ten()
      const [alone] = recall(make('true-episodic', 32, { learningRate: 0.1 }, of), row(keys, 0), row(values, 0))
      expect(alone).toBeGreaterThan(0.8)
      const found = recalled('true-episodic', { learningRate: 0.1 })
      for (const first of found.slice(0, 2)) expect(first).toBeLessThan(0.2)
      expect(Math.max(...found.slice(5))).toBeGreaterThan(0.7)
    },
    'Recency is exp': definition
  },
  'true-matrix': {
    'A Frobenius product': {
      file: 'tests/main/models/slots.test.ts',
      test: 'true-matrix reads as true-episodic does on the flattened arrays'
    },
    'With the defaults': () => {
      for (const items of [10, 20, 40, 80])
        expect(ready('matrix-capacity').of('True matrix', 'cosine', { items })).toBeLessThan(0.5)
    },
    'Recency is not clamped': emptyReadsZeros
  },
  'projecting-slots': {
    'The gradient reaches': () => {
      expect(ready('internal-dimension').of('Projecting slots', 'cosine', { memoryDim: 2 })).toBeGreaterThan(0.95)
      expect(ready('internal-dimension').of('Projecting slots', 'accuracy', { memoryDim: 2 })).toBeLessThan(0.5)
    },
    'Recalls no token': definition,
    'Otherwise as episodic slots': () => {
      const memory = make('projecting-slots', 32, { tokenDim: 32 }, of)
      const [keys, values] = ten()
      memory.store!({ keys, values })
      near(mean(cosines(memory.retrieve!({ queries: keys }), memory.targets!(values))), 0, 0.25)
      memory.dispose()
    }
  },
  hierarchical: {
    'Finds an item': () => {
      for (const copies of [1, 5, 20])
        near(ready('event-interference').of('Hierarchical memory', 'interference', { copies }), 0, 1e-3)
    },
    'The key matters little': () => {
      near(found('own key', 'own place'), found('other key', 'own place'), 0.05)
      expect(found('other key', 'own place')).toBeGreaterThan(0.8)
    },
    'Asked at a wrong place': () => {
      near(found('own key', 'place of another'), 0, 0.15)
      expect(found('own key', 'place of another', 'the other')).toBeGreaterThan(0.8)
      expect(found('own key', 'nowhere')).toBeNaN()
    },
    'Its nodes have no memory': test('contract', 'has the same numbers whatever $name is')
  },
  'hierarchical-linear': {
    'As the hierarchical': () => {
      for (const items of [5, 10, 20, 40])
        near(ready('mixture').of('Hierarchical linear', 'cosine', { items }), 0.3, 0.03)
    },
    'The hierarchical memory with': definition
  },
  'hierarchical-matrix': {
    'As the hierarchical': () => {
      for (const items of [5, 10, 20, 40])
        near(ready('mixture').of('Hierarchical matrix', 'cosine', { items }), 0, 0.06)
    },
    'The hierarchical memory with': definition
  },
  mixture: {
    'An untrained router': () => {
      const of = (label: string): number => ready('mixture').of(label, 'cosine', { items: 20 })
      const own = ['Linear', 'Matrix', 'Hierarchical linear', 'Hierarchical matrix'].map(of)
      expect(of('Mixture, dense')).toBeLessThan(Math.max(...own))
      expect(of('Mixture, dense')).toBeGreaterThan(Math.min(...own))
    },
    'Blends its experts': definition,
    'A trained one goes': test('combinations', 'with %s routing a trained router goes with the expert that recalls'),
    'Where a query comes': definition
  },
  stacked: {
    'In a chain': () => {
      for (const [i, label] of ['1 block', '2 blocks', '3 blocks'].entries())
        expect(ready('stacked').series(label, 'lag', i + 1)).toBeGreaterThan(0.9)
    },
    'All blocks store': () => {
      const [keys, values] = ten()
      const stacked = (blocks: number, truth: tf.Tensor3D): number =>
        mean(recall(make('stacked', 32, { blocks }, of), keys, truth))
      expect(stacked(1, values)).toBeGreaterThan(0.95)
      near(stacked(2, values), 0, 0.2)
      expect(stacked(2, keys)).toBeGreaterThan(0.95)
    },
    'With residual the query': () => {
      const [keys, values] = ten()
      const alike = (residual: boolean): number =>
        mean(recall(make('stacked', 32, { blocks: 1, residual }, of), keys, values, keys, keys))
      near(alike(false), 0, 0.1)
      near(alike(true), Math.SQRT1_2, 0.1)
    }
  },
  'transformer-episodic': {
    'Written by copy': () =>
      expect(ready('fixed-turns').of('Transformer, copied states', 'accuracy', { facts: 24 })).toBe(1),
    'Adds to each token': definition,
    'The memory is written': () => {
      const alike = (learningRate: number): number => {
        const memory = make('transformer-episodic', 32, { learningRate }, of)
        const x = rows('x', 10, 32, { of })
        const read = tf.tidy(() => memory.forward!(x).sub(x))
        memory.dispose()
        return mean(cosines(read, x))
      }
      near(alike(0.0001), 0, 0.05)
      expect(alike(0.3)).toBeGreaterThan(0.8)
    }
  },
  tcm: {
    'Shows recency': () => {
      const of = (metric: string): number => ready('free-recall').of('TCM', metric)
      for (const metric of ['recency', 'contiguity', 'asymmetry', 'primacy'])
        expect(of(metric), metric).toBeGreaterThan(0.02)
    },
    'Has no sources': test('recall/options', 'let TCM drift and be cued as with the words’ own vectors in context')
  },
  cmr: {
    'Shows primacy': () => {
      const of = (metric: string): number => ready('free-recall').of('CMR', metric)
      for (const metric of ['primacy', 'recency', 'contiguity', 'asymmetry'])
        expect(of(metric), metric).toBeGreaterThan(0.02)
      for (const metric of ['source-clustering', 'semantic']) expect(of(metric), metric).toBeGreaterThan(0.55)
    },
    'Recalls about half': () => near(ready('free-recall').of('CMR', 'recalled'), 12, 2)
  },
  'layered-cmr': {
    'With one layer': {
      file: 'tests/main/models/recall/theory.test.ts',
      test: 'layered CMR of one layer is CMR without sources'
    },
    'In deeper layers': () => {
      const [one, two] = ['1 layer', '2 layers'].map((label) => ready('layered-cmr').of(label, 'contiguity'))
      expect(two).toBeLessThan(one / 2)
    },
    'With a gate, a layer': definition,
    'layer: the activations': definition
  },
  'adaptive-episodic': {
    'Recalls as the true': () => {
      for (const cosine of recalled('adaptive-episodic')) expect(cosine).toBeLessThan(0.65)
      const fast = recalled('adaptive-episodic', { learningRate: 0.1 })
      for (const first of fast.slice(0, 2)) expect(first).toBeLessThan(0.2)
      expect(Math.max(...fast.slice(5))).toBeGreaterThan(0.7)
    },
    'The classifier stays': definition,
    'error under which': definition,
    'Without contexts its input': definition
  },
  attention: {
    'Within one call it can': () => {
      expect(ready('needle').of('Attention', 'worst')).toBe(1)
      const flops = (tokens: number): number =>
        registry.cost('attention', registry.fill('attention', {}), { stored: 0, before: 0, queries: 0, tokens })
          .forwardFlops!
      // F(L) = a L + b L^2, so that F(4L) - 2 F(2L) is 4 times F(2L) - 2 F(L).
      near((flops(64) - 2 * flops(32)) / (flops(32) - 2 * flops(16)), 4, 0.1)
    },
    'Between calls it keeps': test('calls', 'answers a sequence alike in one call, token by token, and in any calls'),
    'Every token looks at': () => expect(ready('needle').of('Attention', 'worst')).toBe(1)
  },
  titans: {
    'Recalls what its recent': () => expect(ready('associative-recall').of('Titans', 'accuracy')).toBeGreaterThan(0.95),
    'With random projections': definition,
    'Small rates change little': () => {
      const change = (learningRate: number): number => {
        const [keys, values] = ten()
        const memory = make('titans', 32, { learningRate, forgetting: 0 }, of)
        const ask = (): tf.Tensor => memory.retrieve!({ queries: keys })
        const before = ask()
        memory.store!({ keys, values })
        const moved = tf.tidy(() => tf.norm(ask().sub(before)).div(tf.norm(before)).dataSync()[0])
        memory.dispose()
        return moved
      }
      expect(change(0.001)).toBeLessThan(0.1)
      expect(change(0.1)).toBeGreaterThan(10 * change(0.001))
    },
    'A small network whose': definition
  },
  'episodic-cmr': {
    'Recalls what the last M': () => {
      const found = ready('needle')
      // Of 64 tokens: 2 layers of 16 entries reach 32 of them.
      for (const depth of [0.06, 0.19, 0.31, 0.44])
        expect(found.series('Episodic CMR, 16 entries', 'byDepth', depth)).toBeLessThan(0.2)
      for (const depth of [0.56, 0.69, 0.81, 0.94])
        expect(found.series('Episodic CMR, 16 entries', 'byDepth', depth)).toBeGreaterThan(0.98)
    },
    'A token cannot see': blocks('with no event over the threshold writes one mean a call'),
    'With a bank shared': test(
      'shared-bank',
      'of several layers, alike or mixed, shares one bank whatever block it lies in'
    ),
    'Events cannot write it': test('shared-bank', 'refuses to be written by events, and says why')
  },
  hybrid: {
    'Recalls what the chosen': blocks('with its gate at 1 is titans'),
    'Untrained, the gate': async () => {
      const memory = make('hybrid', 32, { heads: 1 }, of)
      memory.forward!(rows('x', 20, 32, { of })).dispose()
      const gate = (await memory.traces!()).find(({ name }) => name === 'gate')!
      memory.dispose()
      near(mean(gate.perTrial.flatMap((trial) => ('data' in trial ? [...trial.data] : []))), 0.5, 0.05)
    },
    'token: the token’s vector': definition
  },
  'multihead-cmr': {
    'Recalls what training put': () => {
      near(ready('associative-recall').of('CMR, learned slots', 'accuracy'), 1 / 32, 0.06)
      for (const copyLength of [8, 16])
        near(ready('copy').of('CMR, learned slots', 'accuracy', { copyLength }), 1 / 31, 0.02)
    }
  },
  'parallel-attention-cmr': {
    'Within a call it recalls': blocks('in parallel, joined by [I 0], is attention alone; by [0 I], the memory alone')
  },
  'series-attention-cmr': {
    'With attention first': blocks('in series is one after the other, in either order'),
    'With the CMR first': blocks('in series is one after the other, in either order')
  },
  'linear-attention': {
    'Recalls like a linear associator': () => {
      expect(mean(recurrent(4, 32, {}))).toBeGreaterThan(0.9)
      const [some, many] = [16, 64].map((count) => mean(recurrent(count, 32, {})))
      near(some, 1 / Math.sqrt(1 + 15 / 32), 0.04)
      near(many, 1 / Math.sqrt(1 + 63 / 32), 0.04)
    },
    'It never forgets': () => {
      const found = recurrent(64, 32, {})
      near(mean(found.slice(0, 16)), mean(found.slice(-16)), 0.06)
      expect(overwritten).toEqual(expect.objectContaining({ file: 'tests/main/models/recurrences.test.ts' }))
    }
  },
  'gated-delta-rule': {
    'Recalls up to about': () => {
      for (const cosine of recurrent(32, 32, { logDecay: [0], beta: 1 }, true)) near(cosine, 1, 1e-3)
      expect(mean(recurrent(64, 32, { logDecay: [0], beta: 1 }))).toBeLessThan(0.7)
    },
    'One matrix a head': overwritten
  },
  'delta-net': {
    'Recalls up to about': () => {
      for (const cosine of recurrent(32, 32, { beta: 1 }, true)) near(cosine, 1, 1e-3)
      expect(mean(recurrent(64, 32, { beta: 1 }))).toBeLessThan(0.7)
    },
    'It cannot clear itself': () => near(recurrent(32, 32, { beta: 1 }, true)[0], 1, 1e-3),
    'One matrix a head': overwritten
  },
  retnet: {
    'Recalls like a fading': () => {
      const found = recurrent(64, 32, { logDecay: [Math.log1p(-(2 ** -5))] })
      expect(mean(found.slice(0, 8))).toBeLessThan(mean(found.slice(28, 36)) - 0.1)
      expect(mean(found.slice(28, 36))).toBeLessThan(mean(found.slice(-8)) - 0.1)
    },
    'Its rates are fixed': definition,
    'One matrix a head': () => {
      const slow = recurrent(64, 32, { logDecay: [Math.log1p(-(2 ** -9))] })
      const fast = recurrent(64, 32, { logDecay: [Math.log1p(-(2 ** -5))] })
      expect(mean(fast.slice(0, 16))).toBeLessThan(mean(slow.slice(0, 16)) - 0.1)
      expect(mean(fast.slice(-8))).toBeGreaterThan(mean(slow.slice(-8)) + 0.05)
    },
    'Without rotary positions': definition
  },
  'mamba-2': {
    'Recalls up to about': () => {
      for (const cosine of recurrent(16, 16, { logDecay: [0] }, true)) near(cosine, 1, 1e-3)
      expect(mean(recurrent(64, 16, { logDecay: [0] }))).toBeLessThan(0.6)
    },
    'It adds values up': definition,
    'One matrix a head': definition
  },
  'hierarchical-context': {
    'A token is read': () => {
      const memory = make('hierarchical-context', 32, {}, of)
      const x = rows('x', 12, 32, { of })
      const read = tf.tidy(() => memory.forward!(x).sub(x))
      memory.dispose()
      for (const cosine of cosines(read, x)) expect(cosine).toBeGreaterThan(0.9)
    },
    'Earlier tokens are reached': () => {
      for (const facts of [12, 24, 48])
        near(ready('fixed-turns').of('Hierarchical context, segments of 4', 'accuracy', { facts }), 1 / facts, 0.06)
    },
    'Its trees are built': definition,
    'Tokens that are stored': definition
  },
  transformer: {
    'Recalls what its blocks': () => {
      for (const label of ['Attention', 'Delta rule', 'Mamba-2'])
        expect(ready('associative-recall').of(label, 'accuracy')).toBeGreaterThan(0.95)
    },
    'With the token shift': definition,
    'Layers of any memory': definition,
    'learned: a block sees': definition
  },
  'titans-attention': {
    'Within a call it recalls': blocks('as a layer is attention over what titans answers'),
    'A neural memory beside': definition,
    'Persistent tokens are left': definition
  },
  'augmented-attention': {
    'Within a call it recalls': () => expect(ready('needle').of('Attention with fast weights', 'worst')).toBe(1),
    'Beyond it, a linear': associative('as identity the linear read is a linear associator; trained is better')
  },
  'cmr-luce': {
    'The model that is fitted': definition,
    'Of lists of ten': async () => {
      const of = await freeRecall('cmr-luce', {}, { items: 10 })
      for (const metric of ['primacy', 'recency', 'contiguity', 'asymmetry'])
        expect(of(metric), metric).toBeGreaterThan(0.03)
    },
    'It knows no sources': definition,
    'Without a clock': definition
  }
}

/** Parameters that models of one kind have in common. */
const shared: Claims = {
  'Number of slots; more': test('slots', 'copying keeps the newest episodes'),
  'localist: a word brings': test(
    'recall/options',
    'let TCM drift and be cued as with the words’ own vectors in context'
  ),
  'With 0 the parameters': async () => {
    const of = await freeRecall('cmr', { preset: 'full' }, { items: 24, words: 'unrelated' })
    near(of('recalled'), 5, 1.5)
  },
  'It always reads its slots': emptyReadsZeros,
  'An empty memory reads zeros': emptyReadsZeros,
  'Retrieves zeros while': emptyReadsZeros,
  'Retrieves zeros where': () => expect(found('own key', 'nowhere')).toBeNaN(),
  'Empty the buffer never': blocks('flushed before each call forgets the last one'),
  'In a stack, the episodic': test('shared-bank', 'of several layers, alike or mixed, shares one bank'),
  'context that an item brings back': definition,
  'Share of the studied context': definition,
  'Strength of learned against own': definition,
  'Temperature of Luce’s rule': definition,
  'Share of what was learned with earlier lists': test('recall/options', 'fade by their share, and context moves on'),
  '0: every list begins anew': test('recall/options', 'are not there by default: every list begins anew')
}

holdSentences(builtInModels, claims, shared, (said) => said.at === 'recall' || saysEffect(said))
