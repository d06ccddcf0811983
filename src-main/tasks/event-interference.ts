import { integer } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { drawEvents, eventParams, EventSpace, placeOf, timeScale, type Event } from './parts/events.ts'
import { asCosine, judge, targetsOf } from './parts/judge.ts'
import { part, rows, withTensors } from './parts/tensors.ts'

/**
 * Event interference: what near-copies of one event do to its recall.
 *
 * Store N events, hours apart. Recall one of them by its whole vector, at its place and time. Then add near-copies: same
 * place, each one hour after the other from the end of the story on, same entities, other contents. Recall the original
 * again. Interference = cosine before - cosine after.
 */
export default defineTask({
  id: 'event-interference',
  title: 'Event interference',
  family: 'Events',
  summary: 'What do near-copies of an event do to the memory of the original?',
  protocol: [
    'Draw and store the events of a story, one an hour, with contexts, places and times.',
    'Recall the middle one by its vector, at its place and time.',
    'Store near-copies of it: same place and entities, one hour apart, other contents.',
    'Recall the original again; interference is the cosine before minus after.'
  ],
  diagram: [
    { kind: 'study', title: 'Story', lines: ['x₁ → x₁ + noise', '… one event an hour'] },
    { kind: 'cue', title: 'Before', lines: ['middle xₘ, at its place', 'and time → r'] },
    { kind: 'study', title: 'Near-copies', lines: ['same place and entities', 'other contents, later'] },
    { kind: 'cue', title: 'After', lines: ['xₘ, at its place', 'and time → r′'] },
    { kind: 'judge', title: 'Judge', lines: ['cos(r, vₘ) − cos(r′, vₘ)'] }
  ],
  source: 'After Huet et al. (2025), Episodic memories generation and evaluation benchmark; events as vectors',
  params: {
    events: integer('Events', 20, { help: 'Events of the story.', min: 1, max: 10_000, symbol: 'N', scale: 'log' }),
    copies: integer('Near-copies', 5, { help: 'Near-copies that are added.', min: 1, max: 1000 }),
    ...eventParams
  },
  defaultSweep: { copies: [1, 5, 20] },
  metrics: [
    {
      name: 'interference',
      label: 'Interference',
      direction: 'lower',
      tex: '\\cos_{\\mathrm{before}}-\\cos_{\\mathrm{after}}',
      help: 'Cosine of the original’s recall before minus after the near-copies were stored.',
      range: [-2, 2]
    },
    {
      name: 'before',
      label: 'Cosine before',
      ...asCosine,
      tex: '\\cos_{\\mathrm{before}}',
      help: 'Cosine of the original’s recall before the near-copies.'
    },
    {
      name: 'after',
      label: 'Cosine after',
      ...asCosine,
      tex: '\\cos_{\\mathrm{after}}',
      help: 'Cosine of the original’s recall after the near-copies. Copies share place and entities, so even a mixture of all scores well above 0.'
    }
  ],
  mainMetric: 'interference',
  needs: { interface: 'key-value' },
  revision: 1,
  workload: ({ events, copies }) => ({ stored: events + copies, before: 0, queries: 2 }),
  run: ({ events: count, copies, ...sizes }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const space = new EventSpace(batch, random, sizes)
      const story = drawEvents(batch, random, count, sizes)
      const middle = (count - 1) >> 1
      const contents = random.integers('copy contents', copies, 0, sizes.contents)
      const near = story.map((events, b) =>
        Array.from({ length: copies }, (_, i): Event => {
          const content = contents[b * copies + i]
          return { ...events[middle], time: count + i, content }
        })
      )
      const scale = timeScale(Array.from({ length: count }, (_, i) => i))
      const memory = context.memory()
      const store = (events: Event[][], noise: string) => {
        const keys = own(space.vectors(events, scale))
        const drawn = own(rows(random.normal(noise, events[0].length * sizes.dim), batch, sizes.dim))
        const values = own(keys.add(own(drawn.mul(sizes.valueNoise))))
        const contexts = own(space.contexts(keys))
        memory.store!({
          keys,
          values,
          contexts,
          positions: events[0].map((event) => event.place),
          times: events[0].map((event) => event.time)
        })
        return { keys, values, contexts }
      }
      const first = store(story, 'value noise')
      const truth = own(targetsOf(memory, own(part(first.values, middle, 1))))
      const query = {
        queries: own(part(first.keys, middle, 1)),
        contexts: own(part(first.contexts, middle, 1)),
        positions: [placeOf(middle, sizes.places)],
        times: [middle]
      }
      const recall = async (): Promise<number[]> =>
        Array.from((await judge(own(memory.retrieve!(query)), truth, truth)).cosine)
      const before = await recall()
      store(near, 'copy noise')
      const after = await recall()
      return { metrics: { interference: before.map((value, b) => value - after[b]), before, after } }
    })
})
