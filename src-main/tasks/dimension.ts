import { integer } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { cueParams } from './parts/cues.ts'
import { enoughAt95, listParams, listTask, listTheory, recallPairs } from './parts/list.ts'
import { sourceParams } from './parts/sources.ts'

/**
 * Dimension: how recall of a list of fixed length grows with the length of its vectors.
 *
 * The capacity protocol with N and the number of slots fixed, and d swept from 8 to 128: accuracy rises in an S-curve
 * from chance to one. The smallest sufficient dimension is the least d with a mean accuracy of .95.
 */
export default defineTask({
  id: 'dimension',
  title: 'Dimension',
  family: 'Recall',
  summary: 'How long must the vectors be for a list of fixed length to be recalled?',
  protocol: [
    'Draw N pairs of a key and a value in d dimensions from the trial’s seed.',
    'Store the whole list in one call, then recall every item by its key.',
    'Compare each recalled vector with all N stored values: the nearest should be its own.',
    'Repeat in more dimensions, with the same number of items and slots.',
    'The smallest sufficient dimension is where accuracy reaches 95 %.'
  ],
  diagram: [
    {
      repeat: 'each dimension d',
      phases: [
        { kind: 'study', title: 'Study', lines: ['k₁ → v₁', 'k₂ → v₂', '… N pairs in d numbers'] },
        { kind: 'cue', title: 'Cue', lines: ['k̃ᵢ: exact, noisy or part', 'k̃ᵢ → rᵢ'] },
        { kind: 'judge', title: 'Judge', lines: ['nearest of N values', '= vᵢ ?'] }
      ]
    },
    { kind: 'judge', title: 'Sufficient', lines: ['d where 95 % are right'] }
  ],
  source: 'The capacity protocol of associative memory, over the dimension',
  params: {
    dim: integer('Dimension', 32, {
      help: 'Length of a key and of a value; the models take it over.',
      min: 2,
      max: 4096,
      symbol: 'd',
      scale: 'log'
    }),
    ...listParams,
    ...sourceParams,
    ...cueParams
  },
  defaultSweep: { dim: [8, 16, 32, 64, 128] },
  ...listTask,
  derived: [enoughAt95('dim', 'dimension')],
  theory: listTheory,
  needs: { interface: 'key-value' },
  revision: 1,
  run: recallPairs
})
