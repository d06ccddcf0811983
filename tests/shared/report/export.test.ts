import { describe, expect, it } from 'vitest'
import type { Catalog } from '../../../src-shared/catalog.ts'
import type { CellResult, Run, TrialRow } from '../../../src-shared/contract.ts'
import { checkExperiment } from '../../../src-shared/experiment.ts'
import { exportRuns, fileName } from '../../../src-shared/report/export.ts'
import { cellText, type ReportInput } from '../../../src-shared/report/html-report.ts'
import { numberText } from '../../../src-shared/report/number-text.ts'

const hostile = '<img src=x onerror=alert(1)>"\'</script>'

function input(name = 'Capacity of four memories'): ReportInput {
  const run: Run = {
    id: 'R1',
    name,
    task: 'capacity',
    models: ['hebb', 'slots'],
    status: 'done',
    created: '2026-01-01T00:00:00.000Z',
    ended: '2026-01-01T00:01:00.000Z',
    trials: 6,
    done: 5,
    diverged: 1,
    failed: 0,
    seeds: 3,
    elapsedMs: 1000,
    backend: 'cpu',
    tags: [],
    notes: name,
    trashed: null,
    best: null,
    experiment: checkExperiment({
      format: 'engram-experiment/1',
      name: 'x',
      task: { kind: 'capacity' },
      models: [{ kind: 'hebb' }, { kind: 'slots' }]
    }),
    provenance: {
      version: '0.1.0',
      commit: 'abc',
      experimentHash: 'h',
      backend: 'cpu',
      adapter: '',
      generator: 'philox',
      node: '24',
      libraries: {},
      os: 'linux',
      cpu: 'cpu',
      cores: 2,
      memoryBytes: 2 ** 30,
      started: '2026-01-01T00:00:00.000Z',
      ended: null,
      exit: 'done'
    },
    error: null
  }
  const cell = (model: string, values: (number | null)[]): CellResult => ({
    runId: 'R1',
    model,
    kind: model,
    params: { rate: 0.1 },
    point: { items: 5 },
    seeds: [0, 1, 2],
    statuses: values.map((v) => (v === null ? 'diverged' : 'done')),
    metrics: { accuracy: values },
    elapsedMs: [1, 1, 1]
  })
  const cells = [cell('hebb', [0.9, 1, 0.8]), cell('slots', [0.5, null, 0.7])]
  const trials = cells.flatMap((c) =>
    c.seeds.map((seed, i): TrialRow => ({
      id: i,
      model: c.model,
      kind: c.kind,
      params: c.params,
      point: c.point,
      seed,
      status: c.statuses[i] as 'done',
      error: null,
      metrics: c.metrics.accuracy[i] === null ? {} : { accuracy: c.metrics.accuracy[i] },
      elapsedMs: 1,
      backend: 'cpu'
    }))
  )
  const accuracy = {
    name: 'accuracy',
    label: 'Accuracy',
    direction: 'higher' as const,
    tex: '',
    help: 'Share of items.',
    range: [0, 1] as const
  }
  const catalog: Catalog = {
    models: [],
    tasks: [
      {
        id: 'capacity',
        title: 'Capacity',
        family: 'Recall',
        summary: 'How many?',
        protocol: ['Store.'],
        source: 's',
        params: {},
        defaultSweep: {},
        metrics: [accuracy],
        mainMetric: 'accuracy',
        series: [],
        derived: [],
        needs: { interface: 'key-value' },
        revision: 1
      }
    ]
  }
  return { runs: [{ run, trials, series: [] }], cells, catalog, version: '0.1.0', created: '2026-01-02T00:00:00.000Z' }
}

describe('the HTML report', () => {
  it('shows mean, interval and n; t(2) = 4.303 makes the half width of .8, .9, 1 equal .248', () => {
    const { content } = exportRuns('html', input())
    expect(content).toContain('0.90 ± 0.25 (3)')
    // t(1) = 12.706: .5 and .7 have mean .6 and half width 1.27; the diverged trial is said and not averaged in.
    expect(content).toContain('0.6 ± 1.3 (2, 1 diverged)')
    expect(content).toContain('1 trial did not finish')
  })
  it('needs no network and no script', () => {
    const { content } = exportRuns('html', input())
    expect(content).not.toMatch(/(src|href)=|@import|url\((?!#)/)
    expect(content.match(/<script/g)).toHaveLength(1)
    expect(content).toContain('<script type="application/json"')
    expect(content).toContain("default-src 'none'")
  })
  it('lets no name become an element', () => {
    const { content } = exportRuns('html', input(hostile))
    expect(content).not.toMatch(/<img|onerror=alert\(1\)>"/)
    expect(content.match(/<\/script>/g)).toHaveLength(1)
  })
  it('embeds the data it shows', () => {
    const { content } = exportRuns('html', input(hostile))
    const json = /<script type="application\/json" id="engram-data">(.*?)<\/script>/s.exec(content)![1]
    expect(JSON.parse(json).runs[0]).toMatchObject({ name: hostile, results: { length: 6 } })
  })
})

describe('the CSV exports', () => {
  it('long: one row per number, and one for the trial that has none', () => {
    const lines = exportRuns('csv-long', input()).content.trim().split('\r\n')
    expect(lines[0]).toBe('run_id,run,task,model,kind,items,seed,status,metric,step,value,unit')
    expect(lines).toHaveLength(7)
    expect(lines).toContain('R1,Capacity of four memories,capacity,slots,slots,5,1,diverged,,,,')
  })
  it('wide: one row per trial with its parameters', () => {
    const lines = exportRuns('csv-wide', input()).content.trim().split('\r\n')
    expect(lines[0].endsWith('accuracy,param.rate')).toBe(true)
    expect(lines).toHaveLength(7)
  })
})

describe('an export', () => {
  it('refuses nothing at all, and two runs as one experiment', () => {
    expect(() => exportRuns('html', { ...input(), runs: [] })).toThrow(/at least one run/)
    const twice = { ...input(), runs: [...input().runs, ...input().runs] }
    expect(() => exportRuns('experiment', twice)).toThrow(/one experiment/)
  })
  it('never makes a path of a name', () => {
    expect(fileName([{ name: '../../etc/pass wd' }])).toBe('etc-pass-wd')
    expect(fileName([{ name: '…' }])).toBe('run')
  })
})

describe('a number in a table', () => {
  it('has two significant digits of its uncertainty', () => {
    expect([numberText(0.95312, 0.0213), numberText(123.456, 7.8), numberText(0.5, 0)]).toEqual([
      '0.953',
      '123.5',
      '0.5'
    ])
  })
  it('is spelled out or scientific where decimals say nothing', () => {
    expect([numberText(NaN), numberText(1e-7), numberText(2.5e9), numberText(0)]).toEqual([
      'NaN',
      '1.00e-7',
      '2.50e+9',
      '0'
    ])
  })
  it('says when nothing is done', () => {
    const row = { n: 0, mean: null, low: null, high: null, sd: null, diverged: 0, failed: 2 }
    expect(cellText(row as never)).toBe('— (2 failed)')
  })
})
