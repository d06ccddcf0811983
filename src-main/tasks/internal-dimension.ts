import { defineTask } from './task.ts'
import { cueParams } from './parts/cues.ts'
import { enoughAt95, listParams, listTask, recallPairs } from './parts/list.ts'
import { dimParam, sourceParams } from './parts/sources.ts'

/**
 * Internal dimension: how wide a memory's own space must be, the tokens staying as they are.
 *
 * The capacity protocol for projecting slots, which store in memoryDim dimensions what comes in dim: sweep the model's
 * memoryDim. Recall is judged in the memory's space, against the projected values.
 */
export default defineTask({
  id: 'internal-dimension',
  title: 'Internal dimension',
  family: 'Recall',
  summary: 'How wide must a memory’s own space be, the tokens staying as they are?',
  protocol: [
    'Draw N pairs of token vectors from the trial’s seed.',
    'Store the whole list in a memory that projects tokens into its own space.',
    'Recall every item by its key, in the memory’s space.',
    'Compare with the projections of all N values: the nearest should be its own.',
    'Repeat with a wider memory space: sweep model.memoryDim.',
    'The smallest sufficient dimension is where accuracy reaches 95 %.'
  ],
  diagram: [
    {
      repeat: 'each memory dimension',
      phases: [
        { kind: 'study', title: 'Study', lines: ['k₁ → v₁', '… N pairs of tokens', 'projected, then stored'] },
        { kind: 'cue', title: 'Cue', lines: ['k̃ᵢ: exact, noisy or part', 'k̃ᵢ → rᵢ, in its space'] },
        { kind: 'judge', title: 'Judge', lines: ['nearest of N projected', 'values = that of vᵢ ?'] }
      ]
    }
  ],
  source: 'The capacity protocol for ProjectingEpisodicMemory of unpublished design notes (2025)',
  params: { dim: { ...dimParam, label: 'Token dimension' }, ...listParams, ...sourceParams, ...cueParams },
  ...listTask,
  derived: [enoughAt95('memoryDim', 'dimension of the memory’s space')],
  needs: { interface: 'key-value', capability: 'memory-dimension' },
  revision: 1,
  run: recallPairs
})
