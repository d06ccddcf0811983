/** Optuna in the user's own Python: what it proposes, and that a search goes on as it was. */
import { beforeAll, describe, expect, it } from 'vitest'
import { Searcher, type Search } from '../../../../src-main/engine/python/search.ts'
import { optuna } from '../../../../src-main/studio/optuna.ts'
import { checkExperiment } from '../../../../src-shared/shapes/experiment.ts'
import type { Cell } from '../../../../src-shared/grid/cell.ts'
import { builtInRegistry } from '../../../../src-main/engine/worker/registry.ts'
import { plainPython, torchPython } from '../../../support/python.ts'

const candidates = [await torchPython(), await plainPython()]
const found = candidates.find((one) => one && one.info.optuna !== null)
const space: Search['space'] = [
  { name: 'rate', type: 'number', low: 0.001, high: 1, log: true },
  { name: 'steps', type: 'integer', low: 1, high: 30, log: false },
  { name: 'mode', type: 'choice', values: ['a', 'b'] }
]
const search = (over: Partial<Search> = {}): Search => ({
  ...{ space, tried: [], direction: 'lower', sampler: 'tpe', seed: 4 },
  ...over
})
/** Least at rate .1, 20 steps and b. */
const loss = ({ rate, steps, mode }: Record<string, unknown>): number =>
  (Math.log10(Number(rate)) + 1) ** 2 + (Number(steps) / 20 - 1) ** 2 + (mode === 'b' ? 0 : 1)

describe('a search by Optuna', () => {
  it('says what to install where it is not', async () => {
    const { info, options } = await plainPython()
    const without = { info: { ...info, optuna: null }, options }
    await expect(new Searcher().propose(search(), without)).rejects.toThrow(`${info.executable} -m pip install optuna`)
  })

  it('is made between the values that the experiment names, for each cell of what it has', async () => {
    const { tuner } = {
      tuner: optuna({
        ready: () => Promise.resolve({ catalog: builtInRegistry().catalog() } as never),
        request: (_: string, asked: unknown) => Promise.resolve(asked as never)
      })
    }
    const experiment = checkExperiment({
      ...{ format: 'engram-experiment/1', name: 'x', task: { kind: 'capacity' } },
      models: [{ kind: 'episodic-slots' }, { kind: 'delta-rule' }],
      tuning: {
        tuner: 'optuna',
        params: [
          { param: 'model.learningRate', values: [1, 0.001, 0.01] },
          { param: 'episodic-slots.updateSteps', values: [1, 30] },
          { param: 'task.noise', values: [0, 1] }
        ]
      }
    })
    const ask = (model: string, index: number): Promise<unknown> =>
      tuner(experiment)!.ask({
        ...{ cell: { model, label: model } as Cell, index, direction: 'higher' },
        tried: [
          { values: { learningRate: 1 }, scores: [0.5, 1] },
          { values: { learningRate: 0.5 }, scores: [0.5, null] }
        ]
      })
    expect(await ask('episodic-slots', 3)).toMatchObject([
      {
        ...{ seed: 1_000_003, sampler: 'default', direction: 'higher' },
        tried: [{ score: 0.75 }, { score: null }],
        space: [
          { name: 'learningRate', type: 'number', low: 0.001, high: 1, log: true },
          { name: 'updateSteps', type: 'integer', low: 1, high: 30, log: true }
        ]
      }
    ])
    expect(await ask('delta-rule', 0)).toMatchObject([{ space: [] }])
    expect(tuner({ ...experiment, tuning: undefined })).toBeUndefined()
  })
})

describe.skipIf(!found)(
  `with Optuna${found ? '' : ' (skipped: no Python here has it; Debian’s package is python3-optuna)'}`,
  () => {
    const searcher = new Searcher()
    let tried: Search['tried'][number][] = []
    beforeAll(async () => {
      for (let i = 0; i < 16; i++) {
        const values = await searcher.propose(search({ tried }), found!)
        tried = [...tried, { values, score: loss(values) }]
      }
    }, 240_000)

    it('proposes points of the space, and better ones as it learns', () => {
      for (const { rate, steps, mode } of tried.map(({ values }) => values)) {
        expect(rate).toBeGreaterThanOrEqual(0.001)
        expect(rate).toBeLessThanOrEqual(1)
        expect([1, 30].includes(Number(steps)) || Number.isInteger(steps)).toBe(true)
        expect(['a', 'b']).toContain(mode)
      }
      const scores = tried.map(({ score }) => score!)
      expect(Math.min(...scores.slice(10))).toBeLessThan(1)
      expect(new Set(tried.map(({ values }) => JSON.stringify(values))).size).toBe(16)
    })

    it('goes on with the same point in another Python, and with another where a trial failed', async () => {
      const next = await searcher.propose(search({ tried }), found!)
      expect(await new Searcher().propose(search({ tried }), found!)).toEqual(next)
      const half = tried.slice(0, 8)
      expect(await searcher.propose(search({ tried: half }), found!)).toEqual(tried[8].values)
      const failed = half.map((one, i) => (i === 3 ? { ...one, score: null } : one))
      expect(await searcher.propose(search({ tried: failed }), found!)).toBeDefined()
    }, 120_000)

    it('takes points that it has not proposed itself', async () => {
      const others = [{ values: { rate: 0.5, steps: 2, mode: 'a' }, score: 3 }]
      const point = await searcher.propose(search({ tried: others, sampler: 'default' }), found!)
      expect(Object.keys(point).sort()).toEqual(['mode', 'rate', 'steps'])
    }, 60_000)
  }
)
