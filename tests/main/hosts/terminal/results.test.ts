import { describe, expect, it } from 'vitest'
import type { CellResult } from '../../../../src-shared/shapes/run.ts'
import { checkExperiment } from '../../../../src-shared/shapes/experiment.ts'
import { runResult, summaryTable } from '../../../../src-main/hosts/terminal/results.ts'

const experiment = checkExperiment({
  format: 'engram-experiment/1',
  name: 'Small',
  task: { kind: 'capacity' },
  models: [{ kind: 'linear-associator' }]
})
const cell: CellResult = {
  runId: 'r',
  label: 'A',
  model: 'linear-associator',
  params: { dim: 8 },
  point: { items: 5 },
  seeds: [0, 1, 2, 3],
  statuses: ['done', 'done', 'done', 'diverged'],
  metrics: { cosine: [1, 2, 3, null] },
  elapsedMs: [1, 1, 1, null]
}

describe('runResult', () => {
  const result = runResult('r', experiment, [cell])

  it('lists every trial, with numbers only where there are any', () => {
    expect(Object.keys(result)).toEqual(['run', 'experiment', 'trials', 'summary', 'derived', 'predictions'])
    expect(result.trials).toHaveLength(4)
    expect(result.trials[0]).toEqual({
      model: 'A',
      params: { dim: 8 },
      point: { items: 5 },
      seed: 0,
      status: 'done',
      metrics: { cosine: 1 }
    })
    expect(result.trials[3]).toMatchObject({ seed: 3, status: 'diverged', metrics: {} })
  })

  it('gives the mean of the done trials and its Student-t interval: t(2, .975) = 4.3027, sd = 1', () => {
    const [line] = result.summary
    expect(line).toMatchObject({ model: 'A', point: { items: 5 }, metric: 'cosine', mean: 2, n: 3 })
    expect(line.high).toBeCloseTo(2 + 4.302653 / Math.sqrt(3), 5)
    expect(line.low).toBeCloseTo(2 - 4.302653 / Math.sqrt(3), 5)
  })

  it('never averages in a number of a trial that diverged', () => {
    const [line] = runResult('r', experiment, [{ ...cell, metrics: { cosine: [1, 2, 3, 1e9] } }]).summary
    expect(line).toMatchObject({ mean: 2, n: 3 })
  })

  it('gives no interval for one trial and no line for none', () => {
    const one = { ...cell, statuses: ['done', 'failed', 'missing', 'diverged'] as CellResult['statuses'] }
    expect(runResult('r', experiment, [one]).summary).toEqual([
      {
        model: 'A',
        point: { items: 5 },
        metric: 'cosine',
        mean: 1,
        low: null,
        high: null,
        n: 1,
        method: 'no interval (n = 1)'
      }
    ])
    const none = { ...cell, statuses: cell.statuses.map(() => 'failed' as const) }
    expect(runResult('r', experiment, [none]).summary).toEqual([])
  })

  it('reads off curves what the task derives from them, and prints it with the verdicts of predictions', () => {
    const at = (items: number, accuracy: number[]): CellResult => ({
      ...cell,
      point: { items },
      statuses: ['done', 'done', 'done', 'done'],
      metrics: { accuracy }
    })
    const derived = [
      {
        name: 'capacity',
        label: 'Capacity',
        kind: 'crossing',
        metric: 'accuracy',
        axis: 'items',
        threshold: 0.95,
        scale: 'log',
        help: ''
      }
    ] as const
    const prediction = { metric: 'accuracy', at: { items: 5 }, intervals: { A: [0.9, 1] as [number, number] } }
    const finding = { subject: 'A', verdict: 'confirmed' as const, evidence: 'found 1' }
    const found = runResult('r', experiment, [at(5, [1, 1, 1, 1]), at(20, [0.9, 0.9, 0.9, 0.9])], {
      derived,
      predictions: [
        {
          prediction,
          hash: 'f'.repeat(64),
          registered: 'then',
          judged: 'now',
          judgement: { verdict: 'confirmed', findings: [finding] }
        }
      ]
    })
    // Halfway from 5 to 20 in log N.
    expect(found.derived).toMatchObject([{ name: 'capacity', model: 'A', point: {}, axis: 'items', n: 4 }])
    expect(found.derived[0].value.at).toBeCloseTo(10, 10)
    expect(found.predictions[0].judgement?.verdict).toBe('confirmed')
    const text = summaryTable(found)
    expect(text).toMatch(/^A +10 +10 +4$/m)
    expect(text).toContain('1. accuracy, items = 5: A in [0.9, 1]: confirmed.')
  })

  it('reads as a table that says what it left out', () => {
    expect(summaryTable(result)).toBe(
      [
        'model  items     cosine  n',
        '-----  -----  ---------  -',
        'A          5  2.0 ± 2.5  3',
        'Mean over n seeds ± half of its 95 % interval, or [its ends]: 95 % Student t interval over seeds, n = 3.',
        '1 of 4 trials have no result and are left out.'
      ].join('\n')
    )
  })
})
