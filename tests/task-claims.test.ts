/**
 * What the catalog says of tasks: a sentence that names an effect is held to the results of ready examples that ship, or to the
 * test that holds it elsewhere. Each stands here by its beginning.
 */
import { expect } from 'vitest'
import { tasks } from '../src-main/tasks/registry.ts'
import { type Claims, definition, holdSentences, near, ready } from './support/held-sentences.ts'

const claims: Record<string, Claims> = {
  adaptation: {
    'A trial that never gets there': definition,
    'Area under the error': () => {
      const of = (label: string): number => ready('adaptation').of(label, 'area')
      expect(of('Delta rule')).toBeLessThan(of('Episodic slots') / 2)
    }
  },
  contiguity: {
    'Mean cosine to the vector before the cue': () => {
      near(ready('contiguity').of('Linear associator', 'predecessor'), 0, 0.1)
      expect(ready('contiguity').of('Matrix, both ways', 'predecessor')).toBeGreaterThan(0.5)
    },
    'Mean cosine of what a cue brings back': definition
  },
  interference: {
    '0 for a memory that ignores': () => {
      for (const label of ['Linear associator', 'Delta rule'])
        for (const selectivity of ready('interference').along('afternoon', label, 'selectivity'))
          near(selectivity, 0, 1e-6)
    }
  },
  sequence: {
    'Mean cosine of what was recalled in order and': () => {
      for (const label of ready('sequence').labels)
        for (const cosine of ready('sequence').along('drift', label, 'cosine'))
          expect(cosine, label).toBeGreaterThan(0.5)
    },
    '0 for a memory that reading': () => {
      for (const label of ready('sequence').labels)
        for (const gain of ready('sequence').along('drift', label, 'orderAdvantage')) near(gain, 0, 1e-6)
    }
  },
  structure: {
    'A recall that is too bright': () => {
      const of = (label: string, metric: string): number => ready('structure').of(label, metric)
      expect(of('Linear associator', 'peaks')).toBe(of('Hopfield', 'peaks'))
      expect(of('Linear associator', 'correlation')).toBeLessThan(of('Hopfield', 'correlation') - 0.05)
    }
  },
  'ar-interference': {
    '0 loses nothing': definition
  },
  'event-recall': {
    'Mean over the test cues of F1': definition,
    'Mean cosine of what an event': definition
  },
  'event-interference': {
    'Copies share place': () => {
      for (const label of ['Linear associator', 'Hopfield'])
        expect(ready('event-interference').of(label, 'after', { copies: 20 })).toBeGreaterThan(0.3)
    }
  },
  'spatio-temporal': {
    'Mean cosine of what a morning event': definition,
    'The events themselves already differ': () => {
      for (const label of ready('spatio-temporal').labels)
        expect(ready('spatio-temporal').of(label, 'baseline')).toBeGreaterThan(0.2)
    }
  },
  segmentation: {
    'The trees here see': () => expect(ready('segmentation').of('Hierarchical memory', 'f1', { pause: 0 })).toBe(0)
  },
  generalisation: {
    '1 = alike in all': () => {
      for (const alike of ready('generalisation').along('offset', 'Linear associator', 'consistency'))
        near(alike, 1, 1e-6)
    }
  },
  recognition: {
    'Standard deviation of the noise': definition,
    'The diagonal is chance': definition
  },
  'interleaved-tasks': {
    'Accuracy when a task': definition
  },
  surprise: {
    'The same for the gate': definition
  }
}

/** Metrics and parameters that tasks have in common. */
const shared: Claims = {
  'When the distractors': definition,
  'Distractors between study': definition,
  'Accuracy of each item by its place': () => {
    const at = { items: 80 }
    const [first, last] = [1, 80].map((place) =>
      ready('capacity').series('Delta rule', 'accuracy-by-position', place, at)
    )
    expect(first).toBeLessThan(last - 0.3)
  },
  'Mean Pearson correlation': definition,
  'Lists of one simulated': definition,
  'For key-value memories: how far': definition,
  'An item counts as recalled': definition,
  'The number of items at which': definition,
  'The number of patterns at which': definition,
  'Transitions one forward': () => expect(ready('free-recall').of('CMR', 'asymmetry')).toBeGreaterThan(0),
  'Mean percentile rank of the lag': definition,
  'None where every list': definition,
  'Largest rate of AdamW': definition,
  'A trial stops once': definition,
  'The length at which the share': definition
}

holdSentences(tasks, claims, shared)
