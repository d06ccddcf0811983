import { describe, expect, it } from 'vitest'
import { parseResults } from '../../../src-shared/exchange/results-file.ts'
import { resolveBlock } from '../../../src-shared/documents/resolve-blocks.ts'
import type { ReportData } from '../../../src-shared/documents/report-data.ts'
import { exportReport } from '../../../src-shared/documents/report-files.ts'
import { exportRuns } from '../../../src-shared/documents/run-files.ts'
import {
  blockSchema,
  moved,
  reportSchema,
  runsOf,
  withRuns,
  type Block,
  type Report
} from '../../../src-shared/shapes/report.ts'
import { latexProblems } from '../text/latex-structure.ts'
import { elementsIn, hostileNames, input, lawful } from '../support.ts'

const block = (given: Record<string, unknown>): Block => blockSchema.parse({ id: 'b', runs: ['R1'], ...given })
const report = (blocks: Block[], title = 'My report'): Report => ({
  id: 'r',
  title,
  created: '2026-01-01T00:00:00.000Z',
  changed: '2026-01-01T00:00:00.000Z',
  blocks: blocks.map((given, i) => ({ ...given, id: `b${i}` }))
})
const everything = (words = 'Some *words*.'): Block[] => [
  block({ kind: 'text', markdown: words }),
  block({ kind: 'figure', caption: words }),
  block({ kind: 'table', metric: 'accuracy', caption: words }),
  ...(['task', 'derived', 'predictions', 'notes', 'methods', 'checklist', 'runs'] as const).map((kind) =>
    block({ kind })
  ),
  kept(keptFigure(words), words),
  kept(keptTable(words), words)
]
const made = '2026-03-04T00:00:00.000Z'
const keptFigure = (words = 'Costs') => ({
  figure: {
    title: words,
    x: { label: words, scale: 'log' },
    y: { label: words, unit: 'B', scale: 'linear' },
    series: [
      {
        label: words,
        style: { colour: '#0072b2', dash: [], marker: 'circle' },
        points: [
          { x: 1, y: 1024 },
          { x: 2, y: null },
          { x: 4, y: 3072 }
        ]
      }
    ],
    interval: 'band'
  }
})
const keptTable = (words = 'Costs') => ({
  table: { title: words, columns: [{ head: words }, { head: 'n', number: true }], rows: [[words, '17']], note: words }
})
const kept = (shows: unknown, words: string): Block =>
  block({ kind: 'kept', shows, page: words, made, caption: words, runs: undefined })
const predicted = (data: ReportData, note: string): ReportData => ({
  ...data,
  runs: data.runs.map((run) => ({
    ...run,
    predictions: [
      {
        prediction: { metric: 'accuracy', at: { items: 5 }, note, order: ['hebb', 'slots'], margin: 0.1 },
        hash: 'ab'.repeat(32),
        registered: '2026-01-01T00:00:00.000Z',
        judged: '2026-01-01T01:00:00.000Z',
        judgement: {
          verdict: 'undecided',
          findings: [{ subject: 'hebb > slots', verdict: 'undecided', evidence: note }]
        }
      }
    ]
  }))
})

describe('a composed report', () => {
  it('as HTML holds its blocks in their order, and the data of the runs it shows', () => {
    const data = predicted(input(), 'because')
    const { name, content } = exportReport('html', report(everything()), data)
    expect(name).toBe('my-report.html')
    const order = [
      'Some <em>words</em>',
      '<figure>',
      'data-metric="accuracy"',
      'Predictions</h2>',
      'Notes</h2>',
      'Methods</h2>',
      'Reproducibility checklist</h2>',
      'Runs</h2>'
    ]
    const places = order.map((part) => content.indexOf(part))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(content).toContain('<td>hebb &gt; slots</td><td>undecided</td><td>because</td>')
    expect(parseResults(content).runs.map(({ id }) => id)).toEqual(['R1'])
  })
  it.each(hostileNames)('makes no element or handler of a title, caption, text, note or name: %j', (name) => {
    const html = (title: string, words: string, data: ReportData): string[] =>
      elementsIn(exportReport('html', report(everything(words), title), predicted(data, words)).content).filter(
        (e) => !/^(a rel href|p|em|h\d) ?$/.test(e)
      )
    expect(html(name, name, input(name))).toEqual(html('t', 'w', input()))
  })
  it('as LaTeX holds text, tables, figures and methods', () => {
    const { content } = exportReport('latex', report(everything('50 % of_it')), input())
    expect(content).toContain('50 \\% of\\_it')
    expect(content).toContain('\\begin{tabular}')
    expect(content).toContain('\\label{fig:my-report-2}')
    expect(content).toContain('\\begin{tikzpicture}')
    expect(latexProblems(content)).toEqual([])
    expect(content).toContain('\\section{Methods}')
    expect(content).toContain('\\emph{open}')
  })
  it('says of runs without a prediction that they were exploratory', () => {
    for (const format of ['html', 'latex'] as const)
      expect(exportReport(format, report([block({ kind: 'predictions' })]), input()).content).toContain(
        'No prediction was registered before these runs: what they found is exploratory.'
      )
  })
  it('as CSV holds its tables, as JSON the runs and the report itself', () => {
    expect(exportReport('csv', report(everything()), input()).content).toMatch(/^metric,unit,items,model,Value: mean/)
    const json = JSON.parse(exportReport('json', report(everything()), input()).content) as { report: unknown }
    expect(reportSchema.parse(json.report)).toEqual(report(everything()))
  })
})

describe('what was kept of a page', () => {
  const shown = report([kept(keptFigure(), 'Cost'), kept(keptTable(), 'Cost')])
  it('is in every file with its page and its day, and its table in the CSV', () => {
    const html = exportReport('html', shown, input()).content
    expect(html).toMatch(/<figure>.*Cost Cost, 2026-03-04\..*<\/figure>/s)
    expect(html).toContain('>2 KiB</text>')
    expect(html).toContain('<caption>Costs. Cost Cost, 2026-03-04. Costs</caption>')
    expect(exportReport('latex', shown, input()).content).toContain('\\caption{Costs. Cost Cost, 2026-03-04. Costs}')
    expect(exportReport('csv', shown, input()).content).toContain('Table,Costs,n\r\nCosts,Costs,17')
  })
  it('has no runs: it stays as it is where the report shows others', () => {
    expect(runsOf(shown.blocks)).toEqual([])
    expect(withRuns(shown.blocks, () => 'capacity', ['R9'])).toEqual(shown.blocks)
    expect(resolveBlock(shown.blocks[0], { ...input(), runs: [], cells: [] })).toMatchObject({ kind: 'kept' })
  })
  it('is refused where a row has no cell for a column, or a colour is none', () => {
    const { table } = keptTable()
    expect(() => kept({ table: { ...table, rows: [['one']] } }, '')).toThrow()
    const { figure } = keptFigure()
    const [first] = figure.series
    const painted = { ...figure, series: [{ ...first, style: { ...first.style, colour: 'url(//x)' } }] }
    expect(() => kept({ figure: painted }, '')).toThrow()
    expect(() => kept({ figure: { ...figure, series: [{ ...first, points: [{ x: Infinity, y: 1 }] }] } }, '')).toThrow()
  })
})

describe('a figure of a composed report', () => {
  const figure = report([block({ kind: 'figure', metric: 'cosine' })])

  it('shows the law of its model as the report of the run does: dashed, with its formula and what it leaves', () => {
    const data = lawful()
    const composed = exportReport('html', figure, data).content
    const automatic = exportRuns('html', data).content
    const [drawn] = /<figure>.*?<\/figure>/s.exec(composed)!
    expect(automatic).toContain(drawn)
    expect(drawn).toContain('<polyline points="')
    expect(drawn).toContain('stroke-dasharray="6 4"')
    expect(drawn).toContain('>hebb: theory</text>')
    // At 1 and 49 items in 16 dimensions the law says 1 and 1 / sqrt(1 + 48 / 16) = .5; measured were 1 and .53.
    expect(drawn).toContain('hebb, measured minus theory: rms 0.02121, largest 0.03 at 49.')
    const [, formula] = /<annotation encoding="application\/x-tex">(.*?)<\/annotation>/.exec(drawn)!
    expect(formula).toBe('\\frac1{\\sqrt{1+(N-1)/d}}')
  })
  it('shows chance, and the interval that was predicted before the run', () => {
    const data = lawful()
    const { content } = exportReport('html', figure, data)
    expect(content).toContain('>chance (0.1)</text>')
    expect(content).toContain('<title>hebb: predicted</title>')
    expect(content).toContain('Shaded: predicted before the run.')
  })
  it('takes each law at the parameters of its own run', () => {
    // In 48 dimensions the law says 1 / sqrt(2) at 49 items.
    const [{ run: first }] = lawful().runs
    const second = { ...first, id: 'R2', name: 'wide', experiment: structuredClone(first.experiment) }
    second.experiment.task.params = { ...second.experiment.task.params, dim: 48 }
    const data = lawful()
    const both: ReportData = {
      ...data,
      runs: [...data.runs, { ...data.runs[0], run: second }],
      cells: [...data.cells, ...data.cells.map((cell) => ({ ...cell, runId: 'R2' }))]
    }
    const part = resolveBlock(block({ kind: 'figure', metric: 'cosine', runs: ['R1', 'R2'] }), both)
    if (part.kind !== 'figure') throw new Error('no figure')
    const ends = part.spec.references!.flatMap(({ tex, points }) => (tex ? [points!.at(-1)!.y] : []))
    expect(ends[0]).toBeCloseTo(0.5, 12)
    expect(ends[1]).toBeCloseTo(Math.SQRT1_2, 12)
  })
  it('carries the same curve and formula into LaTeX', () => {
    const { content } = exportReport('latex', figure, lawful())
    expect(content).toContain('\\addlegendentry{hebb: theory}')
    expect(content).toContain('Dashed: hebb: theory $\\frac1{\\sqrt{1+(N-1)/d}}$.')
  })
})

describe('a block', () => {
  it('leaves out the models that were hidden, and draws the main metric where none was chosen', () => {
    const part = resolveBlock(block({ kind: 'figure', hidden: ['slots'] }), input())
    expect(part).toMatchObject({ kind: 'figure', spec: { title: 'Accuracy', series: [{ label: 'hebb' }] } })
  })
  it('can be a performance profile, of one task or over all tasks of its runs', () => {
    const data = input()
    const one = resolveBlock(block({ kind: 'figure', profile: 'task' }), data)
    expect(one).toMatchObject({
      kind: 'figure',
      spec: { title: 'Performance profile: Accuracy', series: [{ label: 'hebb' }, { label: 'slots' }] }
    })
    const [first] = data.runs
    const again = { ...first, run: { ...first.run, id: 'R2', task: 'other' } }
    const two = {
      ...data,
      runs: [first, again],
      cells: [...data.cells, ...data.cells.map((cell) => ({ ...cell, runId: 'R2' }))],
      catalog: { ...data.catalog, tasks: [...data.catalog.tasks, { ...data.catalog.tasks[0], id: 'other' }] }
    }
    const both = resolveBlock(block({ kind: 'figure', profile: 'tasks', runs: ['R1', 'R2'] }), two)
    // Reports that are stored from before say it otherwise.
    expect(block({ kind: 'figure', profile: 'experiments' })).toEqual(block({ kind: 'figure', profile: 'tasks' }))
    expect(both).toMatchObject({ kind: 'figure', spec: { method: expect.stringContaining('each of 2 tasks') } })
    expect(resolveBlock(block({ kind: 'figure', profile: 'task', hidden: ['hebb', 'slots'] }), data)).toMatchObject({
      kind: 'missing'
    })
  })
  it('shows what was predicted of what it draws', () => {
    const [run] = input().runs
    const prediction = { metric: 'accuracy', at: { items: 5 }, intervals: { hebb: [0.8, 0.9] as [number, number] } }
    const registered = { prediction, hash: 'h', registered: '2026-01-01T00:00:00.000Z', judged: null, judgement: null }
    const part = resolveBlock(block({ kind: 'figure' }), { ...input(), runs: [{ ...run, predictions: [registered] }] })
    expect(part).toMatchObject({ spec: { bands: [{ label: 'hebb: predicted', low: 0.8, high: 0.9 }] } })
  })
  it('says so when its runs are gone, or have no such quantity', () => {
    expect(resolveBlock(block({ kind: 'figure', runs: ['gone'] }), input())).toMatchObject({ kind: 'missing' })
    expect(resolveBlock(block({ kind: 'table', metric: 'speed' }), input())).toMatchObject({
      kind: 'missing',
      reason: expect.stringContaining('speed')
    })
    expect(resolveBlock(block({ kind: 'figure', series: 'loss' }), input())).toMatchObject({ kind: 'missing' })
  })
  it('is moved to where it is put, within the list', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
    expect(moved(['a', 'b', 'c'], 2, -5)).toEqual(['c', 'a', 'b'])
    expect(moved(['a'], 7, 0)).toEqual(['a'])
  })
  it('names the runs it shows', () => {
    expect(
      runsOf([
        block({ kind: 'text', markdown: '' }),
        block({ kind: 'notes', runs: ['x', 'y'] }),
        block({ kind: 'runs', runs: ['y'] })
      ])
    ).toEqual(['x', 'y'])
  })
})
