import { describe, expect, it } from 'vitest'
import { defaultBlocks, mostFigures } from '../../../src-shared/documents/default-blocks.ts'
import { markdownText, parseMarkdown } from '../../../src-shared/documents/markdown.ts'
import type { ReportData } from '../../../src-shared/documents/report-data.ts'
import { exportReport } from '../../../src-shared/documents/report-files.ts'
import { resolveBlock } from '../../../src-shared/documents/resolve-blocks.ts'
import { exportRuns } from '../../../src-shared/documents/run-files.ts'
import { blockSchema, reportSchema } from '../../../src-shared/shapes/report.ts'
import { hostileNames, input, lawful } from '../support.ts'

const created = '2026-01-01T00:00:00.000Z'

/** The run over two values of one axis and `places` of another, drawn at random or from a grid. */
function over(places: number, search = false): ReportData {
  const data = input()
  const [one] = data.runs
  const experiment = {
    ...one.run.experiment,
    ...(search && { search: { method: 'random', count: 2, seed: 0 } as const })
  }
  const cells = data.cells.flatMap((cell) =>
    Array.from({ length: places }, (_, k) => [5, 10].map((items) => ({ ...cell, point: { items, noise: k } }))).flat()
  )
  return { ...data, runs: [{ ...one, run: { ...one.run, experiment } }], cells }
}
const kinds = (data: ReportData): string[] => defaultBlocks(data).map(({ kind }) => kind)

describe('the report of a run', () => {
  it('is a composed report of its default blocks, to the letter', () => {
    for (const data of [input(), lawful(), over(3)]) {
      const report = reportSchema.parse({
        id: 'r',
        title: data.runs[0].run.name,
        created,
        changed: created,
        blocks: defaultBlocks(data)
      })
      expect(exportReport('html', report, data).content).toBe(exportRuns('html', data).content)
      expect(exportReport('csv', report, data).content).toBe(exportRuns('csv-pivot', data).content)
      expect(exportReport('latex', report, data).content).toBe(exportRuns('latex', data).content)
    }
  })
  it('has of every metric its figures and tables at each place, then methods, checklist, predictions and runs', () => {
    expect(kinds(over(2))).toEqual([
      'task',
      'answer',
      'text',
      'figure',
      'figure',
      'table',
      'table',
      'methods',
      'checklist',
      'predictions',
      'runs'
    ])
    for (const block of defaultBlocks(over(2))) expect(blockSchema.parse(block)).toEqual(block)
  })
  it('leaves figures out beyond the most, says how many, and keeps all tables', () => {
    const data = over(mostFigures + 2)
    const found = kinds(data)
    expect(found.filter((kind) => kind === 'figure')).toHaveLength(mostFigures)
    expect(found.filter((kind) => kind === 'table')).toHaveLength(mostFigures + 2)
    expect(exportRuns('html', data).content).toContain('2 more figures left out here')
  })
  it('draws points that were drawn at random once, over all values of the others', () => {
    const data = over(3, true)
    const figures = defaultBlocks(data).filter(({ kind }) => kind === 'figure')
    expect(figures).toHaveLength(1)
    expect(resolveBlock(figures[0], data)).toMatchObject({
      kind: 'figure',
      spec: { title: 'Accuracy', scatter: true, series: [{ points: { length: 6 } }, { points: { length: 6 } }] }
    })
  })
  it('has a part for every task, also one that the catalog does not know', () => {
    const data = input()
    const [one] = data.runs
    const other = { ...one, run: { ...one.run, id: 'R2', task: 'unknown' } }
    const both = {
      ...data,
      runs: [one, other],
      cells: [...data.cells, ...data.cells.map((c) => ({ ...c, runId: 'R2' }))]
    }
    expect(kinds(both).filter((kind) => kind === 'task')).toHaveLength(2)
    const html = exportRuns('html', both).content
    expect(html).toContain('<h1>2 runs compared</h1>')
    expect(html).toContain('<h2>Capacity</h2>')
    expect(html).toContain('<h2>unknown</h2>')
  })
})

describe('text as Markdown', () => {
  it.each([
    ...hostileNames,
    '# *a* _b_ `c` [d](https://e.f) <g> 1. h | i ~~j~~ https://k.l www.m.n',
    '- a',
    '1. b',
    'a  \nb'
  ])('is read as it was: %j', (text) => {
    const expected = text.replace(/\s+/g, ' ').trim()
    const nodes = parseMarkdown(`## ${markdownText(text)}`)
    const said = nodes.map((node) =>
      node.kind === 'heading'
        ? node.children.map((part) => (part.kind === 'text' ? part.text : part.kind)).join('')
        : ''
    )
    expect(said).toEqual([expected])
  })
})
