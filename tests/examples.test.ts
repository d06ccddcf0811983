import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { RunResult } from '../src-main/hosts/terminal/results.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const root = join(import.meta.dirname, '..')
const examples = join(root, 'examples')

/** What a command says that a reader of the examples would type. */
function engram(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'src-main/cli.ts'), ...args],
    { encoding: 'utf8', maxBuffer: 2 ** 26 }
  )
  expect(status, stderr).toBe(0)
  return stdout
}

it('the model in TypeScript runs in its experiment beside a built-in one, and forgets what it says that it forgets', () => {
  const data = temporaryFolder('examples')
  const file = join(examples, 'leaky-hebbian.json')
  const { trials } = JSON.parse(
    engram('run', file, '--models', examples, '--data', data, '--seeds', '3', '--json')
  ) as RunResult
  expect(trials).toHaveLength(3 * 5 * 3)
  expect(trials.map(({ status }) => status)).toEqual(trials.map(() => 'done'))
  const accuracy = (label: string, items: number): number[] =>
    trials.filter((trial) => trial.model === label && trial.point.items === items).map((t) => t.metrics.accuracy)
  // Five items of a list are all strong; of eighty, those that are 60 back have .9^60 = .002 of their strength.
  expect(accuracy('leak 10 %', 5)).toEqual([1, 1, 1])
  for (const [i, value] of accuracy('leak 10 %', 80).entries()) {
    expect(value).toBeLessThan(accuracy('linear-associator', 80)[i])
    expect(value).toBeLessThan(0.6)
  }
}, 120_000)

it('the results in CSV are compared', () => {
  const { metrics } = JSON.parse(engram('compare', join(examples, 'results.csv'), '--json')) as {
    metrics: { metric: string; rows: { model: string; n: number; mean: number }[] }[]
  }
  const [{ metric, rows }] = metrics
  expect(metric).toBe('accuracy')
  expect(new Set(rows.map(({ model }) => model))).toEqual(new Set(['baseline', 'ours', 'ablation']))
  expect(rows.map(({ n }) => n)).toEqual(rows.map(() => 8))
}, 60_000)

it('every example has a test: these here, and my_model.py and free-recall.csv with what they show', () => {
  expect(
    readdirSync(examples)
      .filter((name) => !name.startsWith('__'))
      .sort()
  ).toEqual(['free-recall.csv', 'leaky-hebbian.json', 'leaky-hebbian.ts', 'my_model.py', 'results.csv'])
})
