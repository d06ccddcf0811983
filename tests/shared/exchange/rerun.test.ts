import { expect, it } from 'vitest'
import { drawTrials, rerunLines, type RerunCheck } from '../../../src-shared/exchange/rerun.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'

const trials = ['a', 'b'].flatMap((model) =>
  Array.from({ length: 20 }, (_, seed) => ({ model, seed, status: seed === 3 ? 'failed' : 'done' }))
)

it('the draw takes so many finished trials of each model, each at most once, the same for the same seed', () => {
  const drawn = drawTrials(trials, 5, seeded(1))
  expect(drawn.map(({ model }) => model)).toEqual([...Array(5).fill('a'), ...Array(5).fill('b')])
  expect(new Set(drawn).size).toBe(10)
  expect(drawn.every(({ status }) => status === 'done')).toBe(true)
  expect(drawTrials(trials, 5, seeded(1))).toEqual(drawn)
  expect(drawTrials(trials, 5, seeded(2))).not.toEqual(drawn)
  expect(drawTrials(trials, 100, seeded(1))).toHaveLength(38)
})
it('every finished trial is as likely as another', () => {
  const counts = new Map<number, number>()
  for (let seed = 0; seed < 2000; seed++)
    for (const trial of drawTrials(trials.slice(0, 20), 5, seeded(seed)))
      counts.set(trial.seed, (counts.get(trial.seed) ?? 0) + 1)
  // 2000 draws of 5 of 19: mean 526, sd 19.7; five sd on either side.
  expect(counts.size).toBe(19)
  for (const count of counts.values()) expect(Math.abs(count - 526)).toBeLessThan(100)
})
it('nothing can be drawn where nothing is finished', () => {
  expect(() => drawTrials([{ model: 'a', status: 'failed' }], 5, seeded(1))).toThrow(/no finished trial/)
})
it('the sum is told for each backend', () => {
  const trial = { model: 'a', point: {}, seed: 0, before: 'wasm', worst: null }
  const check = {
    trials: [
      { ...trial, after: 'wasm', verdict: 'identical' },
      { ...trial, after: 'wasm', verdict: 'within' },
      { ...trial, after: 'cpu', verdict: 'drifted' }
    ]
  } as unknown as RerunCheck
  expect(rerunLines(check)).toEqual(['wasm: 1 identical, bit by bit; 1 within tolerance', 'cpu: 1 drifted'])
})
