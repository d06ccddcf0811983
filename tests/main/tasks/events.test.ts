import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import eventInterference from '../../../src-main/tasks/event-interference.ts'
import eventRecall, { kendallTau, matchesCue, scoreTrial } from '../../../src-main/tasks/event-recall.ts'
import { drawEvents, EventSpace, timeScale } from '../../../src-main/tasks/parts/events.ts'
import spatioTemporal, { selectivity } from '../../../src-main/tasks/spatio-temporal.ts'
import { amnesia, dictionary, drawsOf, forgetful, mean, runTask, seeds, watched } from './harness.ts'

const sizes = { places: 4, entities: 6, contents: 5, dim: 16, contextDim: 3, valueNoise: 0.1 }

describe('events', () => {
  it('have one to three different entities, and places that all trials share', () => {
    const [a, b] = drawEvents(2, drawsOf([1, 2]), 200, sizes)
    for (const event of a) {
      expect(event.entities.length).toBeGreaterThanOrEqual(1)
      expect(event.entities.length).toBeLessThanOrEqual(3)
      expect(new Set(event.entities).size).toBe(event.entities.length)
      for (const entity of event.entities) expect(entity).toBeLessThan(6)
    }
    expect(new Set(a.flatMap((e) => e.entities)).size).toBe(6)
    expect(new Set(a.map((e) => e.place)).size).toBe(4)
    expect(a.map((e) => e.place)).toEqual(b.map((e) => e.place))
    expect(a.map((e) => e.content)).not.toEqual(b.map((e) => e.content))
  })
  it('become four quarters: equal parts for equal features, zeros for what is hidden', () => {
    const space = new EventSpace(1, drawsOf([1]), sizes)
    const event = { place: 2, time: 5, entities: [1, 3], content: 4 }
    const other = { place: 2, time: 7, entities: [3], content: 4 }
    const [whole, same, hidden] = [
      space.vectors([[event, other]], timeScale([0, 10])).dataSync(),
      space
        .vectors(
          [
            [
              { ...event, entities: [1] },
              { ...event, entities: [3] }
            ]
          ],
          timeScale([0, 10])
        )
        .dataSync(),
      space.vectors([[event, other]], timeScale([0, 10]), [['place'], ['content']]).dataSync()
    ]
    const quarter = (data: ArrayLike<number>, item: number, part: number): number[] =>
      Array.from({ length: 4 }, (_, k) => data[item * 16 + part * 4 + k])
    expect(quarter(whole, 0, 0)).toEqual(quarter(whole, 1, 0))
    expect(quarter(whole, 0, 1)).not.toEqual(quarter(whole, 1, 1))
    expect(quarter(whole, 0, 3)).toEqual(quarter(whole, 1, 3))
    quarter(whole, 0, 2).forEach((x, k) =>
      expect(x).toBeCloseTo((quarter(same, 0, 2)[k] + quarter(same, 1, 2)[k]) / 2, 6)
    )
    expect(quarter(hidden, 0, 0)).toEqual(quarter(whole, 0, 0))
    for (const part of [1, 2, 3]) expect(quarter(hidden, 0, part)).toEqual([0, 0, 0, 0])
  })
  it('refuse a dimension without four equal parts', () =>
    expect(runTask(eventRecall, { dim: 30 }, [0], amnesia)).rejects.toThrow('four equal parts'))
})

describe('the scores of event-recall', () => {
  it('match cues by what they show', () => {
    const event = { place: 1, time: 3, entities: [2, 5], content: 7 }
    expect(matchesCue(event, { ...event, entities: [5] }, ['entity', 'place'])).toBe(true)
    expect(matchesCue(event, { ...event, entities: [4] }, ['entity'])).toBe(false)
    expect(matchesCue(event, { ...event, time: 4 }, ['place', 'content'])).toBe(true)
  })
  it('count what a worked example gives', () => {
    const yes = { cosines: [0.9, 0.1, 0.2], matches: [true, false, false] }
    const none = { cosines: [0.1, 0.1, 0.3], matches: [false, false, false] }
    const two = { cosines: [0.9, 0.1, 0.8], matches: [true, false, true] }
    // Even cues choose a threshold between .3 and .8; odd ones are scored.
    const scores = scoreTrial([yes, yes, none, none, two, two])
    expect(scores).toMatchObject({ f1: 1, f1Of0: 1, f1Of1: 1, f1Of2: 1, f1Of3to5: null, f1Of6: null, latest: 0 })
    expect(scores.singleCosine).toBe(0.9)
    // Recalled in the order 0, 2, which is that of time.
    expect(scores.tau).toBe(1)
  })
  it('let NaN through', () => expect(scoreTrial([{ cosines: [NaN], matches: [true] }]).f1).toBeNaN())
  it("are Kendall's tau by definition", () => {
    expect(kendallTau([0, 1, 2, 3])).toBe(1)
    expect(kendallTau([3, 2, 1, 0])).toBe(-1)
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 12 }), (xs) => {
        let balance = 0
        for (let i = 0; i < xs.length; i++) for (let j = 0; j < i; j++) balance += Math.sign(xs[i] - xs[j])
        expect(kendallTau(xs)).toBeCloseTo(balance / ((xs.length * (xs.length - 1)) / 2), 10)
      })
    )
  })
})

describe('event-recall', () => {
  it('finds the single event of a full cue with a dictionary', async () => {
    const { metrics } = await runTask(eventRecall, { dim: 128 }, seeds(5), dictionary)
    expect(mean(metrics.f1)).toBeGreaterThan(0.5)
    expect(mean(metrics.singleCosine)).toBeGreaterThan(0.8)
  })
  it('asks for events by all of their parts: a dictionary returns the value, as far as noise parts it from its key', async () => {
    // value = x + 0.1 n and |x|² ≈ d: the key itself would have a cosine of 1/sqrt(1.01); a dictionary returns the value.
    for (const events of [5, 100]) {
      const { metrics } = await runTask(eventRecall, { events }, seeds(2), dictionary)
      expect(mean(metrics.fullCosine)).toBeCloseTo(1, 5)
    }
    expect(mean((await runTask(eventRecall, {}, [0], amnesia)).metrics.fullCosine)).toBe(0)
  })
  it('gives amnesia only the cues that nothing matches', async () => {
    const { metrics } = await runTask(eventRecall, {}, seeds(3), amnesia)
    for (let b = 0; b < 3; b++) {
      expect(metrics.f1Of1[b]).toBeLessThan(0.2)
      expect(metrics.singleCosine[b]).toBe(0)
    }
  })
  it('tells the memory where and when each event was', async () => {
    let places: readonly number[] = []
    let times: readonly number[] = []
    await runTask(
      eventRecall,
      { events: 7 },
      [0],
      watched(dictionary, (input) => {
        places = input.positions!
        times = input.times!
      })
    )
    expect(times).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(new Set(places).size).toBeGreaterThan(3)
  })
})

describe('event-interference', () => {
  it('finds none in a dictionary, and some in a memory that keeps only its last list', async () => {
    const kept = await runTask(eventInterference, {}, seeds(4), dictionary)
    expect(mean(kept.metrics.before)).toBeGreaterThan(0.98)
    expect(mean(kept.metrics.interference)).toBeCloseTo(0, 6)
    const lost = await runTask(eventInterference, {}, seeds(4), forgetful)
    expect(mean(lost.metrics.interference)).toBeGreaterThan(0.1)
  })
  it('scores amnesia zero', async () => {
    const { metrics } = await runTask(eventInterference, {}, [0], amnesia)
    expect([metrics.before[0], metrics.after[0], metrics.interference[0]]).toEqual([0, 0, 0])
  })
})

describe('spatio-temporal', () => {
  it('is the mean over the other morning events minus the mean over the afternoon', () => {
    // Half a day of 2: rows are morning events, columns the whole day.
    expect(selectivity([1, 0.5, 0.2, 0.1, 0.7, 1, 0.3, 0], 2)).toBeCloseTo(0.6 - 0.15, 12)
  })
  it('gives a dictionary exactly the selectivity of the events', async () => {
    const { metrics } = await runTask(spatioTemporal, {}, seeds(6), dictionary)
    for (let b = 0; b < 6; b++) expect(metrics.selectivity[b]).toBeCloseTo(metrics.baseline[b], 5)
    // The place's quarter is shared within a half-day.
    expect(mean(metrics.baseline)).toBeGreaterThan(0.15)
    expect(mean(metrics.own)).toBeCloseTo(1, 5)
  })
  it('gives amnesia none', async () =>
    expect((await runTask(spatioTemporal, {}, [0], amnesia)).metrics.selectivity[0]).toBe(0))
})
