/** A run of two models with three seeds, one of which diverged, and names that want to be more than names. */
import type { Cell } from '../../src-shared/grid/cell.ts'
import { runRecord } from '../../src-shared/exchange/results-file.ts'
import linearAssociator from '../../src-main/models/linear-associator.ts'
import capacity from '../../src-main/tasks/capacity.ts'
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import type { CellResult, Run, TrialRow } from '../../src-shared/shapes/run.ts'
import { checkExperiment } from '../../src-shared/shapes/experiment.ts'
import type { ReportData } from '../../src-shared/documents/report-data.ts'
import { cellResult } from '../support/cell-result.ts'

export const hostile = '<img src=x onerror=alert(1)>"\'</script>'

export const hostileNames = [
  hostile,
  '</script><script>alert(1)</script>',
  '" onmouseover="alert(1)',
  "' onfocus='alert(1)' autofocus='",
  '<svg/onload=alert(1)>',
  ']]><!--',
  "=cmd|' /C calc'!A0",
  '${alert(1)}{{7*7}}',
  '&lt;b&gt; &amp; &#60;i&#62;',
  '\u202egnp.exe \u05e9\u05dc\u05d5\u05dd',
  '\u{1f9e0}\u{1f468}\u200d\u{1f52c} \u2028 line',
  '\u0000\u0008\u001b[31m',
  '[x](javascript:alert(1)) <javascript:alert(1)>'
]

const shapes = /^(circle|rect|path|polyline|polygon|line|text) /
const shapeAttributes =
  /^(cx|cy|r|x|x1|x2|y|y1|y2|d|width|height|fill|fill-opacity|points|stroke|stroke-width|stroke-dasharray|font-size|font-weight|transform|text-anchor)?$/

/**
 * Every kind of element of a page with its attributes' names, as a browser would make them. Which shapes a figure has
 * depends on its labels; of these only unknown attributes are kept.
 */
export function elementsIn(html: string): string[] {
  const outside = html.replace(/(<script[^>]*>)[^]*?<\/script>/g, '$1')
  const found = [...outside.matchAll(/<(!doctype|[a-z][a-z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi)].map(
    ([, tag, rest]) => {
      const names = [...rest.matchAll(/([a-z][a-z0-9:-]*)(?:=(?:"[^"]*"|'[^']*'|[^\s>]*))?/gi)].map((m) => m[1])
      const kept = shapes.test(`${tag} `) ? names.filter((name) => !shapeAttributes.test(name)) : names
      return shapes.test(`${tag} `) && kept.length === 0 ? '' : `${tag} ${kept.join(' ')}`
    }
  )
  return [...new Set(found)].filter(Boolean).sort()
}

export function input(name = 'Capacity of four memories'): ReportData {
  const labels = [
    name === 'Capacity of four memories' ? 'hebb' : `${name} a`,
    name === 'Capacity of four memories' ? 'slots' : `${name} b`
  ]
  const experiment = checkExperiment({
    format: 'engram-experiment/1',
    name,
    description: name,
    task: { kind: 'capacity' },
    models: labels.map((label) => ({ kind: 'hebb', label })),
    seeds: [0, 1, 2]
  })
  const run: Run = {
    id: 'R1',
    name,
    task: 'capacity',
    labels: labels,
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
    tags: name === 'Capacity of four memories' ? ['tag'] : [name],
    notes: name,
    trashed: null,
    best: null,
    experiment,
    provenance: {
      version: '0.1.0',
      commit: 'abc',
      experimentHash: 'h'.repeat(64),
      backend: 'cpu',
      adapter: 'SIMD',
      generator: 'philox',
      node: '24',
      libraries: { tfjs: '4' },
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
  const cell = (model: string, values: (number | null)[]): CellResult =>
    cellResult(model, values, { runId: 'R1', model: 'hebb', params: { rate: 0.1 }, point: { items: 5 } })
  const cells = [cell(labels[0], [0.9, 1, 0.8]), cell(labels[1], [0.5, null, 0.7])]
  const trials = cells.flatMap((c) =>
    c.seeds.map((seed, i): TrialRow => ({
      id: i,
      label: c.label,
      model: c.model,
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
        diagram: [],
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
  const record = runRecord(
    run,
    cells.map(({ label, model, params, point }, use) => ({
      ...{ use, label, model, point },
      params: params as Cell['params'],
      taskParams: { items: 5 }
    })),
    trials.map(({ label, model, point, seed, status, error, metrics, elapsedMs, backend }, i) => ({
      cell: i < 3 ? 0 : 1,
      model: label,
      kind: model,
      point,
      seed,
      hash: i.toString(16).repeat(64),
      status: status as 'done',
      error,
      metrics,
      elapsedMs,
      backend
    })),
    []
  )
  return {
    runs: [{ run, trials, series: [], predictions: [], record }],
    cells,
    catalog,
    version: '0.1.0',
    created: '2026-01-02T00:00:00.000Z'
  }
}

/** One linear associator over two lengths of list in 16 dimensions, for which theory has a law, with a prediction. */
export function lawful(): ReportData {
  const data = input()
  const [{ run, record, trials }] = data.runs
  const cells = [
    [1, [1, 1, 1]],
    [49, [0.52, 0.53, 0.54]]
  ].map(([items, values]) => ({
    ...data.cells[0],
    model: 'linear-associator',
    params: {},
    point: { items: items as number },
    statuses: ['done', 'done', 'done'] as const,
    metrics: { cosine: values as number[] }
  })) as unknown as CellResult[]
  const cosine = {
    name: 'cosine',
    label: 'Cosine',
    direction: 'higher' as const,
    tex: '',
    help: 'Similarity.',
    chance: 0.1
  }
  const params = { dim: 16, items: 20, source: 'independent', recall: 'exact' }
  const prediction = { metric: 'cosine', at: { items: 49 }, intervals: { hebb: [0.4, 0.6] as [number, number] } }
  const [task] = data.catalog.tasks
  return {
    ...data,
    cells,
    catalog: {
      models: [{ ...linearAssociator, origin: 'built-in' }],
      tasks: [{ ...task, metrics: [cosine], mainMetric: 'cosine', theory: capacity.theory }]
    },
    runs: [
      {
        run: { ...run, experiment: { ...run.experiment, task: { kind: 'capacity', params } } },
        trials,
        series: [],
        record,
        predictions: [{ prediction, hash: 'h', registered: '2026-01-01T00:00:00Z', judged: null, judgement: null }]
      }
    ]
  }
}
