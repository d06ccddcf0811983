import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { eventParams, EventSpace, timeScale, type Event } from './parts/events.ts'
import { asCosine, cosines, targetsOf } from './parts/judge.ts'
import { byTrial, part, rows, withTensors } from './parts/tensors.ts'

/**
 * Spatio-temporal selectivity: does a morning event bring back the morning?
 *
 * Morning events at one place, afternoon events at another, a few hours later; entities and contents are drawn afresh.
 * Query with each morning event at its place and time; selectivity = mean cosine of what comes back to the other
 * morning events minus to the afternoon ones.
 */
export default defineTask({
  id: 'spatio-temporal',
  title: 'Spatio-temporal selectivity',
  family: 'Events',
  summary: 'Does a morning event bring back the rest of the morning rather than the afternoon?',
  protocol: [
    'Draw morning events at one place and afternoon events at another, some hours later.',
    'Store all of them with their contexts, places and times.',
    'Query with each morning event, at its own place and time.',
    'Selectivity: cosine to the other morning events minus to the afternoon events.'
  ],
  diagram: [
    { kind: 'study', title: 'Morning', lines: ['x₁, x₂, … at one place'] },
    { kind: 'delay', title: 'Gap', lines: ['some hours'] },
    { kind: 'study', title: 'Afternoon', lines: ['events at another place'] },
    { kind: 'cue', title: 'Cue', lines: ['each morning’s xᵢ, at its', 'place and time → rᵢ'] },
    { kind: 'judge', title: 'Judge', lines: ['cos to the other morning', '− cos to the afternoon'] }
  ],
  source: 'After Huet et al. (2025), Episodic memories generation and evaluation benchmark; events as vectors',
  params: {
    perHalf: integer('Events per half-day', 3, {
      help: 'Morning events, and as many in the afternoon.',
      min: 2,
      max: 500
    }),
    gap: number('Hours between', 4, {
      help: 'From the last morning to the first afternoon event.',
      min: 0,
      max: 1000,
      unit: 'h'
    }),
    ...eventParams
  },
  metrics: [
    {
      name: 'selectivity',
      label: 'Selectivity',
      direction: 'higher',
      tex: '\\overline{\\cos}(r_i,v_{\\mathrm{morning}\\setminus i})-\\overline{\\cos}(r_i,v_{\\mathrm{afternoon}})',
      help: 'Mean cosine of what a morning event brings back to the other morning events minus to the afternoon ones. The events themselves already differ by place and time: compare with the baseline.',
      chance: 0,
      range: [-2, 2]
    },
    {
      name: 'baseline',
      label: 'Selectivity of the events',
      direction: 'none',
      tex: '\\overline{\\cos}(v_i,v_{\\mathrm{morning}\\setminus i})-\\overline{\\cos}(v_i,v_{\\mathrm{afternoon}})',
      help: 'The same of the stored values themselves: what a memory that returns exactly the event asked for has.',
      range: [-2, 2]
    },
    {
      name: 'own',
      label: 'Cosine to itself',
      ...asCosine,
      tex: '\\overline{\\cos}(r_i,v_i)',
      help: 'Mean cosine of what a morning event brings back to its own value.'
    }
  ],
  mainMetric: 'selectivity',
  needs: { interface: 'key-value' },
  revision: 1,
  workload: ({ perHalf }) => ({ stored: 2 * perHalf, before: 0, queries: perHalf }),
  run: ({ perHalf, gap, ...sizes }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const count = 2 * perHalf
      const space = new EventSpace(batch, random, { ...sizes, places: Math.max(2, sizes.places) })
      const entities = random.integers('entities', count, 0, sizes.entities)
      const contents = random.integers('contents', count, 0, sizes.contents)
      const times = Array.from({ length: count }, (_, i) => (i < perHalf ? i : i - 1 + gap))
      const positions = times.map((_, i) => (i < perHalf ? 0 : 1))
      const events = Array.from({ length: batch }, (_, b) =>
        times.map((time, i): Event => {
          const at = b * count + i
          return { place: positions[i], time, entities: [entities[at]], content: contents[at] }
        })
      )
      const keys = own(space.vectors(events, timeScale(times)))
      const noise = own(rows(random.normal('value noise', count * sizes.dim), batch, sizes.dim))
      const values = own(keys.add(own(noise.mul(sizes.valueNoise))))
      const contexts = own(space.contexts(keys))
      const memory = context.memory()
      memory.store!({ keys, values, contexts, positions, times })
      const morning = { positions: positions.slice(0, perHalf), times: times.slice(0, perHalf) }
      const retrieved = own(
        memory.retrieve!({
          queries: own(part(keys, 0, perHalf)),
          contexts: own(part(contexts, 0, perHalf)),
          ...morning
        })
      )
      const targets = own(targetsOf(memory, values))
      const back = byTrial(await own(cosines(retrieved, targets)).data(), batch)
      const itself = byTrial(await own(cosines(own(part(targets, 0, perHalf)), targets)).data(), batch)
      return {
        metrics: {
          selectivity: back.map((matrix) => selectivity(matrix, perHalf)),
          baseline: itself.map((matrix) => selectivity(matrix, perHalf)),
          own: back.map((matrix) => morning.times.reduce((sum, _, i) => sum + matrix[i * count + i] / perHalf, 0))
        },
        traces: [
          {
            name: 'similarity',
            title: 'Cosine of what each morning event brings back to every event of the day',
            kind: 'heatmap' as const,
            axes: ['Morning event', 'Event'],
            perTrial: back.map((data) => ({ shape: [perHalf, count], data }))
          }
        ]
      }
    })
})

/** Mean over the morning of the cosine to its other events minus to the afternoon; matrix [half, 2 half]. */
export function selectivity(matrix: readonly number[], half: number): number {
  let [same, other] = [0, 0]
  for (let i = 0; i < half; i++)
    for (let j = 0; j < 2 * half; j++) {
      const value = matrix[i * 2 * half + j]
      if (j >= half) other += value / (half * half)
      else if (j !== i) same += value / (half * (half - 1))
    }
  return same - other
}
