import { describe, expect, it } from 'vitest'
import { measureRecall } from '../../../src-shared/recall/measured.ts'
import { listsOf } from '../../../src-shared/recall/simulated.ts'
import { tInterval } from '../../../src-shared/statistics/interval.ts'
import { fillParams, type ParamValues } from '../../../src-shared/shapes/params.ts'
import { philoxDraws } from '../../../src-main/tensors/random/draws.ts'
import cmr from '../../../src-main/models/cmr.ts'
import linearAssociator from '../../../src-main/models/linear-associator.ts'
import type { AnyModel, Memory } from '../../../src-main/models/model.ts'
import freeRecall from '../../../src-main/tasks/free-recall.ts'
import { drawSources, drawWords } from '../../../src-main/tasks/parts/recall-lists.ts'
import recognition from '../../../src-main/tasks/recognition.ts'
import type { AnyTask, TaskContext } from '../../../src-main/tasks/task.ts'
import { amnesia, dictionary, mean, memoryOf, seeds, type Measured } from './harness.ts'

interface Matrix {
  shape: number[]
  data: number[]
}

const filled = (declared: AnyModel | AnyTask, given: ParamValues): ParamValues => {
  const { values, errors } = fillParams(declared.params, given, 'params', undefined, () => undefined)
  if (errors.length) throw new Error(errors[0].message)
  return values
}

/** A task with this many simulated subjects, or with a memory for each. */
async function run(
  task: AnyTask,
  given: ParamValues,
  count: number,
  under: Pick<TaskContext, 'recaller'> | ((batch: number) => Memory)
): Promise<Measured> {
  const memory = typeof under === 'function' ? under(count) : undefined
  const result = await task.run(filled(task, given), {
    batch: count,
    random: philoxDraws(seeds(count).map(String)),
    ...(typeof under === 'object' && under),
    memory: () => memory!,
    build: () => {
      throw new Error('This task builds no memories.')
    },
    vectors: () => ({ rows: 30, columns: 2, data: Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)) }),
    script: () => {
      throw new Error('No script here.')
    },
    checkCancelled: () => {}
  })
  memory?.dispose()
  return result as Measured
}
function simulate(task: AnyTask, model: AnyModel, params: ParamValues, given: ParamValues, count = 8) {
  const values = filled(model, params)
  return run(task, given, count, { recaller: (setup) => model.simulate!(values, setup) })
}
const curve = (result: Measured, name: string): number[] => {
  const { x, y } = result.series![name]
  return x.map((_, i) => mean(y.map((row) => row[i])))
}

describe('free recall by CMR with the full parameters', () => {
  it('recalls about 12 of 24 with primacy, recency and a forward asymmetry, as people do', async () => {
    const result = await simulate(freeRecall, cmr, { preset: 'full' }, { lists: 12 })
    const { recalled, primacy, recency, contiguity, asymmetry } = result.metrics
    expect(mean(recalled)).toBeGreaterThan(11)
    expect(mean(recalled)).toBeLessThan(13.5)
    expect(mean(primacy)).toBeGreaterThan(0.1)
    expect(mean(recency)).toBeGreaterThan(0.3)
    expect(mean(contiguity)).toBeGreaterThan(0.15)
    expect(mean(asymmetry)).toBeGreaterThan(0)
    const spc = curve(result, 'spc')
    expect(spc[0]).toBeGreaterThan(spc[11])
    expect(spc[23]).toBeGreaterThan(0.8)
    const crp = curve(result, 'lag-crp')
    // Lags -10..10: nearest transitions are the most likely on either side, and lag 0 has none.
    expect(crp[11]).toBeGreaterThan(crp[13])
    expect(crp[9]).toBeGreaterThan(crp[7])
    expect(crp[10]).toBeNaN()
    expect(result.metrics['source-clustering']).toEqual(new Array(8).fill(null))
    expect(mean(result.metrics.semantic)).toBeGreaterThan(0.55)
  })

  it('lies among people in every measure, on lists as long as theirs', async () => {
    // The 5 % and 95 % quantiles of the 126 people of the PEERS data of psifr, lists of 16; computed outside the studio.
    const people = {
      recalled: [7.1429, 14.0179],
      primacy: [0.0312, 0.4494],
      recency: [0.0923, 0.619],
      contiguity: [0.279, 0.6662],
      asymmetry: [-0.0254, 0.4011],
      'lag-rank': [0.6086, 0.8423]
    }
    const { metrics } = await simulate(freeRecall, cmr, { preset: 'full' }, { items: 16, lists: 28 }, 40)
    for (const [measure, [low, high]] of Object.entries(people)) {
      expect(mean(metrics[measure]), measure).toBeGreaterThan(low)
      expect(mean(metrics[measure]), measure).toBeLessThan(high)
    }
    // Forward on the whole, though less so than most people.
    expect(tInterval(Array.from(metrics.asymmetry as ArrayLike<number>)).low).toBeGreaterThan(0)
  })

  it('recalls far too little without word meaning', async () => {
    const { metrics } = await simulate(freeRecall, cmr, { semantic: 0 }, { lists: 6 })
    expect(mean(metrics.recalled)).toBeGreaterThan(4.5)
    expect(mean(metrics.recalled)).toBeLessThan(6.5)
    // Words are alike, but this model does not know it.
    expect(Math.abs(mean(metrics.semantic) - 0.5)).toBeLessThan(0.03)
  })

  it('clusters by source because sources cue items and their change disrupts context', async () => {
    const two = { lists: 12, sources: 2 }
    const full = await simulate(freeRecall, cmr, { preset: 'full' }, two)
    const without = await simulate(freeRecall, cmr, { sourceWeight: 0, shift: 0 }, two)
    const [a, b] = [full, without].map(({ metrics }) => mean(metrics['source-clustering']))
    expect(a).toBeGreaterThan(0.58)
    expect(a).toBeLessThan(0.75)
    expect(a).toBeGreaterThan(b + 0.04)
  })

  it('loses recency to a distractor at the end', async () => {
    const [now, later] = await Promise.all(
      [0, 3].map((distractors) => simulate(freeRecall, cmr, { preset: 'full' }, { lists: 6, distractors }))
    )
    expect(mean(later.metrics.recency)).toBeLessThan(mean(now.metrics.recency))
  })

  it('a subject’s lists do not depend on who else is in its batch', async () => {
    const given = { lists: 2, items: 8, sources: 2 }
    const [one, three] = [await simulate(freeRecall, cmr, {}, given, 1), await simulate(freeRecall, cmr, {}, given, 3)]
    expect(three.metrics.recalled[0]).toBe(one.metrics.recalled[0])
    expect(three.series!.spc.y[0]).toEqual(one.series!.spc.y[0])
  })

  it('takes its words from imported vectors', async () => {
    const { metrics } = await simulate(freeRecall, cmr, {}, { lists: 2, items: 10, words: 'imported' })
    expect(mean(metrics.recalled)).toBeGreaterThan(0)
    await expect(simulate(freeRecall, cmr, {}, { lists: 1, items: 31, words: 'imported' })).rejects.toThrow('30 rows')
  })
})

describe('the lists that a trial keeps', () => {
  it('give the same statistics as the trial stored, by times and sources too', async () => {
    const given = { lists: 3, items: 8, sources: 2, train: 2 }
    const { metrics, series, traces } = await simulate(freeRecall, cmr, { preset: 'full' }, given, 2)
    const matrix = (name: string, b: number): Matrix | undefined =>
      traces!.find((trace) => trace.name === name)?.perTrial[b] as Matrix | undefined
    for (const b of [0, 1]) {
      const lists = listsOf(
        { recalls: matrix('recalls', b)!, times: matrix('times', b), sources: matrix('sources', b) },
        8,
        String(b)
      )
      const [own] = measureRecall(lists).subjects
      expect([own.lists, own.recalled, own.lagRank]).toEqual([3, metrics.recalled[b], metrics['lag-rank'][b]])
      expect(own.sourceCrp).toBe(metrics['source-clustering'][b])
      expect(own.spc).toEqual(series!.spc.y[b])
      expect(own.irt[0]).toBeCloseTo(series!.irt.y[b][0], 10)
    }
  })
})

describe('free recall by a key-value memory', () => {
  const given = { lists: 6 }
  it('cued by a drifting context shows recency, and forward contiguity like the model whose matrix it is', async () => {
    const { metrics } = await run(freeRecall, given, 6, memoryOf(linearAssociator, { dim: 64 }))
    expect(mean(metrics.recency)).toBeGreaterThan(0.2)
    expect(mean(metrics.asymmetry)).toBeGreaterThan(0)
    expect(mean(metrics['lag-rank'])).toBeGreaterThan(0.55)
  })
  it('recalls nothing more than noise when it stores nothing', async () => {
    const { metrics } = await run(freeRecall, given, 6, amnesia)
    expect(Math.abs(mean(metrics['lag-rank']) - 0.5)).toBeLessThan(0.1)
    expect(mean(metrics.recalled)).toBeLessThan(9)
  })
})

describe('recognition', () => {
  it('by CMR tells targets from lures, less well after distractors', async () => {
    const [now, later] = await Promise.all(
      [0, 3].map((distractors) => simulate(recognition, cmr, { semantic: 0 }, { lists: 6, distractors, noise: 0.2 }))
    )
    expect(mean(now.metrics.auc)).toBeGreaterThan(0.62)
    expect(mean(later.metrics.auc)).toBeLessThan(mean(now.metrics.auc))
    expect(mean(now.metrics.dprime)).toBeGreaterThan(0.3)
    expect(mean(now.metrics.hits)).toBeGreaterThan(mean(now.metrics['false-alarms']))
  })
  it('by a memory that stores nothing is at chance, and its ROC is the diagonal', async () => {
    const result = await run(recognition, { items: 20, lures: 20, lists: 4 }, 6, amnesia)
    expect(mean(result.metrics.auc)).toBeCloseTo(0.5, 1)
    curve(result, 'roc').forEach((hits, i) => expect(Math.abs(hits - i / 20)).toBeLessThan(0.12))
  })
  it('by a memory that gives back the newest item knows that one alone', async () => {
    const result = await run(
      recognition,
      { items: 5, lures: 5, lists: 4, noise: 0.001, dim: 512, words: 'unrelated' },
      4,
      dictionary
    )
    const hits = curve(result, 'hits-by-position')
    expect(hits[4]).toBe(1)
    expect(mean(hits.slice(0, 4))).toBeLessThan(0.3)
    expect(curve(result, 'roc').at(-1)).toBe(1)
  })
})

describe('the lists', () => {
  const drawing = {
    batch: 3,
    random: philoxDraws(['a', 'b', 'c']),
    vectors: () => {
      throw new Error('Nothing is imported here.')
    }
  }
  it('change source in trains of 2 to the longest, never to the same source', () => {
    for (const row of drawSources(drawing, 40, 3, 4)) {
      const trains = row.join('').match(/(.)\1*/g)!
      for (const train of trains.slice(0, -1)) {
        expect(train.length).toBeGreaterThanOrEqual(2)
        expect(train.length).toBeLessThanOrEqual(4)
      }
      expect(trains.length).toBeGreaterThanOrEqual(10)
    }
  })
  it('have symmetric similarities with the mean and spread asked for', () => {
    const p = { words: 'similar', similarityMean: 0.06, similaritySpread: 0.1, vectors: '' } as const
    const [s] = drawWords(drawing, 60, p).similarity!
    const off: number[] = []
    for (let i = 0; i < 60; i++)
      for (let j = 0; j < i; j++) {
        expect(s[i * 60 + j]).toBe(s[j * 60 + i])
        off.push(s[i * 60 + j])
      }
    expect(mean(off)).toBeCloseTo(0.06, 1)
    expect(Math.sqrt(mean(off.map((x) => (x - mean(off)) ** 2)))).toBeCloseTo(0.1, 2)
    expect(s[0]).toBe(1)
  })
})

describe('the schedule of distractors', () => {
  it('is immediate without any, whatever their number', async () => {
    const [none, unused] = await Promise.all([
      simulate(freeRecall, cmr, {}, { lists: 2, items: 8 }, 3),
      simulate(freeRecall, cmr, {}, { lists: 2, items: 8, distractors: 4, schedule: 'immediate' }, 3)
    ])
    expect(unused.metrics).toEqual(none.metrics)
  })
  it('brings distractors between words to models of recall and to memories alike', async () => {
    for (const schedule of ['delayed', 'continual']) {
      const given = { lists: 2, items: 8, distractors: 2, schedule }
      const people = await simulate(freeRecall, cmr, {}, given, 2)
      expect(Array.from(people.metrics.recalled).every(Number.isFinite)).toBe(true)
      const remembered = await run(freeRecall, { ...given, dim: 64 }, 2, memoryOf(linearAssociator, { dim: 64 }))
      expect(Array.from(remembered.metrics.recalled).every(Number.isFinite)).toBe(true)
    }
  })
})

describe('a model that keeps prior lists', () => {
  const given = { items: 8, lists: 4, words: 'unrelated' }
  it('recalls words of earlier lists, fewer where less of these is kept, and never on the first list', async () => {
    const kept = async (priorLists: number, lists = 4) =>
      mean(
        (await simulate(freeRecall, cmr, { priorLists, betaList: 0.6 }, { ...given, lists }, 6)).metrics['prior-list']
      )
    const [whole, half] = [await kept(1), await kept(0.3)]
    expect(whole).toBeGreaterThan(0.2)
    expect(half).toBeLessThan(whole)
    expect(await kept(1, 1)).toBe(0)
  })
  it('has the similarities of all its lists at hand', async () => {
    const { metrics } = await simulate(freeRecall, cmr, { priorLists: 0.5 }, { ...given, words: 'similar' }, 2)
    for (const value of Array.from(metrics.semantic)) expect(value).toBeGreaterThan(0)
  })
  it('is no other where every list begins anew', async () => {
    const { metrics } = await simulate(freeRecall, cmr, {}, { ...given, lists: 2 }, 2)
    expect(Array.from<number | null>(metrics['prior-list']).every((value) => value === null)).toBe(true)
  })
})
