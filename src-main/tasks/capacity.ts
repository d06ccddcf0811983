import { defineTask } from './task.ts'
import { cueParams } from './parts/cues.ts'
import { capacityAt95, listParams, listTask, listTheory, recallPairs } from './parts/list.ts'
import { dimParam, sourceParams } from './parts/sources.ts'

/**
 * Capacity: how many pairs a memory holds.
 *
 * Draw N pairs (k_i, v_i). Store the whole list in one call, `writes` times over. Recall every item by its key (exact,
 * with noise, or in part) and judge it against all N values. One trial holds one list; N is swept. The capacity is the
 * N at which the mean accuracy falls through .95, read off linearly in log N; outside the grid it is "> N" or "< N".
 */
export default defineTask({
  id: 'capacity',
  title: 'Capacity',
  family: 'Recall',
  summary: 'How many pairs can be stored at once and still be told apart?',
  protocol: [
    'Draw N pairs of a key and a value from the trial’s seed.',
    'Store the whole list in one call, as many times as Writes says.',
    'Recall every item by its key: exact, with noise, or in part.',
    'Compare each recalled vector with all N stored values: the nearest should be its own.',
    'Repeat for longer lists; the capacity is the N where accuracy falls through 95 %.'
  ],
  diagram: [
    {
      repeat: 'each list length N',
      phases: [
        { kind: 'study', title: 'Study', lines: ['k₁ → v₁', 'k₂ → v₂', '… N pairs in one call'] },
        { kind: 'cue', title: 'Cue', lines: ['k̃ᵢ: exact, noisy or part', 'k̃ᵢ → rᵢ'] },
        { kind: 'judge', title: 'Judge', lines: ['nearest of N values', '= vᵢ ?'] }
      ]
    },
    { kind: 'judge', title: 'Capacity', lines: ['N where 95 % are right'] }
  ],
  source: 'The capacity protocol of associative memory; decoding by the nearest stored value',
  params: {
    items: listParams.items,
    dim: dimParam,
    writes: listParams.writes,
    ...sourceParams,
    ...cueParams,
    threshold: listParams.threshold
  },
  defaultSweep: { items: [5, 10, 20, 40, 80] },
  ...listTask,
  derived: [capacityAt95('items')],
  theory: listTheory,
  needs: { interface: 'key-value' },
  revision: 1,
  run: recallPairs
})
