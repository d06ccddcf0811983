/**
 * What the catalog says that models recall, held to the results of ready examples that ship, or to the test that holds it
 * elsewhere. Each sentence stands here by its beginning.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtInModels } from '../src-main/models/registry.ts'
import { ReadyResults } from './support/ready-results.ts'

type Check = () => void
interface Elsewhere {
  file: string
  test: string
}

const known = new Map<string, ReadyResults>()
const ready = (name: string): ReadyResults => {
  const results = known.get(name) ?? new ReadyResults(name)
  known.set(name, results)
  return results
}
const near = (found: number, expected: number, within: number): void =>
  expect(Math.abs(found - expected)).toBeLessThan(within)
const associative = (test: string): Elsewhere => ({ file: 'tests/main/models/associative.test.ts', test })
const chance =
  (label: string): Check =>
  () =>
    near(ready('ar-comparison').of(label, 'cosine'), 0, 0.1)

const claims: Record<string, Record<string, Check | Elsewhere>> = {
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
    }
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
    }
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
    )
  },
  'context-drift': { 'Cannot recall': chance('Context drift') },
  'meta-fast-weights': { 'Cannot recall': associative("test.each(['context-drift', 'meta-fast-weights', 'graph'])") },
  graph: { 'Cannot recall': chance('Graph memory') },
  rag: {
    'With the untrained': chance('Retrieval-augmented memory'),
    'With identity': associative('rag: at chance as drawn; identity and training find the item'),
    'Beyond memorySize': associative('keeps the newest pairs only')
  },
  'gated-episodic': {
    'What the gate lets in': associative('open to all, it is a ring')
  },
  'true-episodic': {
    'Recalls the last few': () => {
      for (const items of [5, 10, 20, 40, 80])
        expect(ready('quickstart').of('True episodic memory', 'cosine', { items })).toBeLessThan(0.65)
    },
    'Writing by copy': () => {
      for (const separation of [0, 1, 2, 5])
        expect(ready('forgetting').of('Episodes copied', 'accuracyA2', { separation })).toBe(1)
    }
  },
  'true-matrix': {
    'A Frobenius product': {
      file: 'tests/main/models/slots.test.ts',
      test: 'true-matrix reads as true-episodic does on the flattened arrays'
    },
    'With the defaults': () => {
      for (const items of [10, 20, 40, 80])
        expect(ready('matrix-capacity').of('True matrix', 'cosine', { items })).toBeLessThan(0.5)
    }
  },
  'projecting-slots': {
    'The gradient reaches': () => {
      expect(ready('internal-dimension').of('Projecting slots', 'cosine', { memoryDim: 2 })).toBeGreaterThan(0.95)
      expect(ready('internal-dimension').of('Projecting slots', 'accuracy', { memoryDim: 2 })).toBeLessThan(0.5)
    }
  },
  hierarchical: {
    'Finds an item': () => {
      for (const copies of [1, 5, 20])
        near(ready('event-interference').of('Hierarchical memory', 'interference', { copies }), 0, 1e-3)
    }
  },
  'hierarchical-linear': {
    'As the hierarchical': () => {
      for (const items of [5, 10, 20, 40])
        near(ready('mixture').of('Hierarchical linear', 'cosine', { items }), 0.3, 0.03)
    }
  },
  'hierarchical-matrix': {
    'As the hierarchical': () => {
      for (const items of [5, 10, 20, 40])
        near(ready('mixture').of('Hierarchical matrix', 'cosine', { items }), 0, 0.06)
    }
  },
  mixture: {
    'An untrained router': () => {
      const of = (label: string): number => ready('mixture').of(label, 'cosine', { items: 20 })
      const own = ['Linear', 'Matrix', 'Hierarchical linear', 'Hierarchical matrix'].map(of)
      expect(of('Mixture, dense')).toBeLessThan(Math.max(...own))
      expect(of('Mixture, dense')).toBeGreaterThan(Math.min(...own))
    }
  },
  stacked: {
    'In a chain': () => {
      for (const [i, label] of ['1 block', '2 blocks', '3 blocks'].entries())
        expect(ready('stacked').series(label, 'lag', i + 1)).toBeGreaterThan(0.9)
    }
  },
  'transformer-episodic': {
    'Written by copy': () =>
      expect(ready('fixed-turns').of('Transformer, copied states', 'accuracy', { facts: 24 })).toBe(1)
  },
  tcm: {
    'Shows recency': () => {
      const of = (metric: string): number => ready('free-recall').of('TCM', metric)
      for (const metric of ['recency', 'contiguity', 'asymmetry', 'primacy'])
        expect(of(metric), metric).toBeGreaterThan(0.02)
    }
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
    }
  }
}

describe.each(Object.entries(claims))('%s', (id, said) => {
  const sentences = builtInModels.find((model) => model.id === id)!.recall.split(/(?<=[.?!])\s+(?=[A-Z])/)
  it.each(Object.entries(said))('%s ...', (beginning, held) => {
    expect(sentences.filter((sentence) => sentence.startsWith(beginning))).toHaveLength(1)
    if (typeof held === 'function') return held()
    const path = join(import.meta.dirname, '..', held.file)
    expect(existsSync(path)).toBe(true)
    expect(readFileSync(path, 'utf8')).toContain(held.test)
  })
})
