import { integer } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { drawEvents, eventParams, EventSpace, parts, timeScale, type Event, type Part } from './parts/events.ts'
import { asCosine, asShare, cosine, cosines, targetsOf } from './parts/judge.ts'
import { byTrial, meanByTrial, rows, withTensors } from './parts/tensors.ts'

/** Every non-empty subset of {place, time, entity, content}: 15. */
const subsets: readonly (readonly Part[])[] = Array.from({ length: 15 }, (_, i) =>
  parts.filter((_, bit) => ((i + 1) >> bit) & 1)
)
const bins = [
  { name: 'f1Of0', label: 'F1, no match', from: 0, to: 0 },
  { name: 'f1Of1', label: 'F1, 1 match', from: 1, to: 1 },
  { name: 'f1Of2', label: 'F1, 2 matches', from: 2, to: 2 },
  { name: 'f1Of3to5', label: 'F1, 3 to 5 matches', from: 3, to: 5 },
  { name: 'f1Of6', label: 'F1, 6 or more', from: 6, to: Infinity }
] as const

/**
 * Event recall: find all events that match a partial cue.
 *
 * Store N events. A cue shows some of place, time, entity and content of an event; the missing parts are zero. Every
 * fifth cue is taken apart and put together wrongly, so that often nothing matches. Ground truth = all stored events that
 * match what the cue shows. An event counts as recalled when its cosine with the retrieved vector exceeds a threshold;
 * the threshold is the one with the best F1 on the even cues, and every score is taken on the odd ones. A spatial memory
 * is asked at the cue's place and time; where the cue hides one, at those of the last event. Last, as many stored events as
 * there are cues are asked for by all of their own parts: the full cue.
 */
export default defineTask({
  id: 'event-recall',
  title: 'Event recall',
  family: 'Events',
  summary: 'Can all events that match a partial cue be found, and in order?',
  protocol: [
    'Draw and store N events, each with a place, a time, one to three entities and a content.',
    'Cue with any subset of place, time, entity and content; the missing parts are zero.',
    'Count the events whose cosine with the retrieved vector exceeds a threshold, chosen on half of the cues.',
    'On the other half compare them with all events that really match: F1 by the number of matches.',
    'Ask for stored events by all of their own parts: the full cue.'
  ],
  diagram: [
    { kind: 'study', title: 'Study', lines: ['x = place, time, entities,', 'content; x → x + noise', '… N events'] },
    { kind: 'cue', title: 'Cue', lines: ['any parts of an event', 'the others zero', '→ r, cosine to all events'] },
    { kind: 'judge', title: 'Threshold', lines: ['half of the cues:', 'θ with the best F1'] },
    { kind: 'judge', title: 'Judge', lines: ['other half: events over θ', 'against all true matches'] }
  ],
  source: 'After Huet et al. (2025), Episodic memories generation and evaluation benchmark; events as vectors',
  params: {
    events: integer('Events', 20, { help: 'Events that are stored.', min: 2, max: 10_000, symbol: 'N', scale: 'log' }),
    cues: integer('Cues', 60, { help: 'Cues of a trial; half of them choose the threshold.', min: 30, max: 2000 }),
    ...eventParams
  },
  defaultSweep: { events: [20, 200] },
  metrics: [
    {
      name: 'f1',
      label: 'F1',
      ...asShare,
      tex: '\\frac1C\\sum_c\\frac{2|R_c\\cap T_c|}{|R_c|+|T_c|}',
      help: 'Mean over the test cues of F1 of recalled and matching events; 1 for a cue without matches that recalls nothing.',
      of: [{ param: 'cues', plus: -1, over: 2 }]
    },
    ...bins.map(({ name, label }) => ({
      name,
      label,
      direction: 'higher' as const,
      tex: '\\overline{F_1}',
      help: 'Mean F1 over the test cues with that many matching events; missing in a trial without such a cue.',
      range: [0, 1] as const
    })),
    {
      name: 'singleCosine',
      label: 'Cosine of a single match',
      ...asCosine,
      tex: '\\overline{\\cos}(r_c,v_{T_c}),\\ |T_c|=1',
      help: 'Mean cosine of what was retrieved to the one matching event.'
    },
    {
      name: 'fullCosine',
      label: 'Cosine, full cue',
      ...asCosine,
      tex: '\\overline{\\cos}(r(x_i),v_i)',
      help: 'Mean cosine of what an event’s own vector, with all of its parts, brings back to its value.'
    },
    {
      name: 'latest',
      label: 'Latest state',
      ...asShare,
      tex: '[\\operatorname*{arg\\,max}_{i\\in T_c}\\cos(r_c,v_i)=\\max T_c],\\ |T_c|>1',
      help: 'Share of cues with several matches where the latest of them lies nearest to what was retrieved.'
    },
    {
      name: 'tau',
      label: 'Kendall tau',
      ...asCosine,
      tex: '\\tau=\\frac{\\text{concordant}-\\text{discordant}}{\\binom n2}',
      help: 'Order of the recalled events, by falling cosine, against their order in time; over cues that recall at least two.'
    }
  ],
  mainMetric: 'f1',
  needs: { interface: 'key-value' },
  revision: 2,
  workload: ({ events, cues }) => ({ stored: events, before: 0, queries: cues + Math.min(cues, events) }),
  run: ({ events: count, cues, ...sizes }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const space = new EventSpace(batch, random, sizes)
      const story = drawEvents(batch, random, count, sizes)
      const scale = timeScale(story[0].map((event) => event.time))
      const keys = own(space.vectors(story, scale))
      const noise = own(rows(random.normal('value noise', count * sizes.dim), batch, sizes.dim))
      const values = own(keys.add(own(noise.mul(sizes.valueNoise))))
      const memory = context.memory()
      memory.store!({
        keys,
        values,
        contexts: own(space.contexts(keys)),
        positions: story[0].map((event) => event.place),
        times: story[0].map((event) => event.time)
      })
      const shown = Array.from({ length: cues }, (_, c) => subsets[(c >> 1) % subsets.length])
      const asked = story.map((events) => shown.map((_, c) => cueOf(events, c)))
      const queries = own(space.vectors(asked, scale, shown))
      const last = story[0][count - 1]
      const retrieved = own(
        memory.retrieve!({
          queries,
          contexts: own(space.contexts(queries)),
          positions: asked[0].map((event, c) => (shown[c].includes('place') ? event.place : last.place)),
          times: asked[0].map((event, c) => (shown[c].includes('time') ? event.time : last.time))
        })
      )
      const similar = byTrial(await own(cosines(retrieved, own(targetsOf(memory, values)))).data(), batch)
      const full = Array.from({ length: Math.min(cues, count) }, (_, i) =>
        Math.floor((i * count) / Math.min(cues, count))
      )
      const [fullKeys, fullValues] = [own(keys.gather(full, 1)), own(values.gather(full, 1))]
      const answers = own(
        memory.retrieve!({
          queries: fullKeys,
          contexts: own(space.contexts(fullKeys)),
          positions: full.map((i) => story[0][i].place),
          times: full.map((i) => story[0][i].time)
        })
      )
      const fullCosine = meanByTrial(
        (await own(cosine(answers, own(targetsOf(memory, fullValues)))).data()) as Float32Array,
        batch
      )
      const scored = similar.map((matrix, b) =>
        scoreTrial(
          shown.map((parts, c) => ({
            cosines: matrix.slice(c * count, (c + 1) * count),
            matches: story[b].map((event) => matchesCue(event, asked[b][c], parts))
          }))
        )
      )
      return {
        metrics: {
          ...Object.fromEntries(Object.keys(scored[0]).map((name) => [name, scored.map((trial) => trial[name])])),
          fullCosine
        }
      }
    })
})

/**
 * The event that cue c shows: the same one of the story in every trial, its first entity alone; every fifth cue takes
 * entity and content from other events.
 */
function cueOf(events: readonly Event[], c: number): Event {
  const at = (i: number): Event => events[Math.floor(((i * 0.6180339887498949) % 1) * events.length)]
  const { place, time, entities, content } = at(c)
  if (c % 5 < 4) return { place, time, entities: entities.slice(0, 1), content }
  return { place, time, entities: at(c + 1).entities.slice(0, 1), content: at(c + 2).content }
}

/** Whether an event agrees with everything that the cue shows. */
export function matchesCue(event: Event, cue: Event, shown: readonly Part[]): boolean {
  return shown.every((part) =>
    part === 'entity' ? event.entities.includes(cue.entities[0]) : event[part] === cue[part]
  )
}

export interface JudgedCue {
  /** Cosine of what was retrieved to every event, in order of time. */
  cosines: readonly number[]
  matches: readonly boolean[]
}

/** All scores of one trial: the threshold from the even cues, the scores from the odd ones. */
export function scoreTrial(cues: readonly JudgedCue[]): Record<string, number | null> {
  if (cues.some((cue) => cue.cosines.some(Number.isNaN))) return { f1: NaN }
  const [fit, test] = [cues.filter((_, c) => c % 2 === 0), cues.filter((_, c) => c % 2 === 1)]
  const thresholds = Array.from({ length: 100 }, (_, i) => i / 50 - 1)
  const quality = thresholds.map((threshold) => average(fit.map((cue) => f1(cue, threshold)))!)
  const threshold = thresholds[quality.indexOf(Math.max(...quality))]
  const sizeOf = ({ matches }: JudgedCue): number => matches.filter(Boolean).length
  const between = (from: number, to: number): JudgedCue[] =>
    test.filter((cue) => sizeOf(cue) >= from && sizeOf(cue) <= to)
  return {
    f1: average(test.map((cue) => f1(cue, threshold))),
    ...Object.fromEntries(
      bins.map(({ name, from, to }) => [name, average(between(from, to).map((cue) => f1(cue, threshold)))])
    ),
    singleCosine: average(between(1, 1).map(({ cosines, matches }) => cosines[matches.indexOf(true)])),
    latest: average(between(2, Infinity).map(isLatest)),
    tau: average(
      test
        .map(({ cosines }) => cosines.flatMap((cosine, i) => (cosine > threshold ? [{ cosine, i }] : [])))
        .filter((recalled) => recalled.length > 1)
        .map((recalled) => kendallTau(recalled.sort((a, b) => b.cosine - a.cosine).map(({ i }) => i)))
    )
  }
}

const average = (values: readonly number[]): number | null =>
  values.length ? values.reduce((a, b) => a + b, 0) / values.length : null

function f1({ cosines, matches }: JudgedCue, threshold: number): number {
  let [recalled, matching, both] = [0, 0, 0]
  for (let i = 0; i < cosines.length; i++) {
    const above = cosines[i] > threshold
    if (above) recalled++
    if (matches[i]) matching++
    if (above && matches[i]) both++
  }
  return recalled + matching === 0 ? 1 : (2 * both) / (recalled + matching)
}

function isLatest({ cosines, matches }: JudgedCue): number {
  let nearest = -1
  for (let i = 0; i < cosines.length; i++) if (matches[i] && (nearest < 0 || cosines[i] > cosines[nearest])) nearest = i
  return nearest === matches.lastIndexOf(true) ? 1 : 0
}

/** Kendall's tau of a sequence of different numbers against rising order; inversions are counted by merging. */
export function kendallTau(sequence: readonly number[]): number {
  const inversions = (list: number[]): [sorted: number[], count: number] => {
    if (list.length < 2) return [list, 0]
    const half = list.length >> 1
    const [left, a] = inversions(list.slice(0, half))
    const [right, b] = inversions(list.slice(half))
    const sorted: number[] = []
    let [i, count] = [0, a + b]
    for (const value of right) {
      while (i < left.length && left[i] < value) sorted.push(left[i++])
      count += left.length - i
      sorted.push(value)
    }
    return [sorted.concat(left.slice(i)), count]
  }
  const n = sequence.length
  return 1 - (4 * inversions([...sequence])[1]) / (n * (n - 1))
}
