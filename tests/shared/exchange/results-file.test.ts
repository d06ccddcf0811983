import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StudioError, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { parseResults, resultsFormat, type ResultsFile } from '../../../src-shared/exchange/results-file.ts'
import { resultsData } from '../../../src-shared/documents/report-data.ts'
import { input } from '../support.ts'

const file = (): ResultsFile => JSON.parse(JSON.stringify(resultsData(input()))) as ResultsFile

function refusal(change: string | ((file: ResultsFile) => unknown)): ErrorData {
  const given = file()
  if (typeof change === 'function') change(given)
  try {
    parseResults(typeof change === 'string' ? change : JSON.stringify(given), 'r.json')
  } catch (error) {
    if (error instanceof StudioError) return error.data
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a results file', () => {
  it('comes back as it went out, whatever its names and numbers', () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 50 })
      .filter((text) => text.trim() === text && text !== '')
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0)
    fc.assert(
      fc.property(name, number, fc.array(fc.option(number), { minLength: 2, maxLength: 4 }), (text, value, y) => {
        const given = file()
        const [run] = given.runs
        Object.assign(run, { name: text, notes: text, tags: [text] })
        run.results[0].metrics = { [`m${text}`]: value }
        run.series = [{ cell: 0, name: text, x: y.map((_, i) => i / 3), seeds: [0], y: [y] }]
        const back = parseResults(JSON.stringify(given))
        expect(back).toEqual(given)
      })
    )
  })
  it('is also what a report embeds', () => {
    const html = `<!doctype html><script type="application/json" id="engram-data">${JSON.stringify(file()).replaceAll('<', '\\u003c')}</script>`
    expect(parseResults(html)).toEqual(file())
  })

  const cases: [string, string | ((given: ResultsFile) => unknown), ErrorData['code'], string | undefined][] = [
    ['no JSON', '{', 'bad-file', undefined],
    ['a page that is no report', '<!doctype html><p>', 'bad-file', undefined],
    ['another format', (f) => Object.assign(f, { format: 'x' }), 'bad-input', 'format'],
    ['no runs', (f) => Object.assign(f, { runs: [] }), 'bad-input', 'runs'],
    ['an id that is a path', (f) => (f.runs[0].id = '../x'), 'bad-input', 'runs.0.id'],
    ['a hash that is none', (f) => (f.runs[0].results[2].hash = 'a'), 'bad-input', 'runs.0.results.2.hash'],
    [
      'a metric that is no number',
      (f) => Object.assign(f.runs[0].results[0].metrics, { a: 'b' }),
      'bad-input',
      'runs.0.results.0.metrics.a'
    ],
    ['a cell that is not there', (f) => (f.runs[0].results[1].cell = 7), 'bad-input', 'runs.0.results.1.cell'],
    ['a trial twice', (f) => f.runs[0].results.push(f.runs[0].results[0]), 'bad-input', 'runs.0.results'],
    ['another task', (f) => (f.runs[0].task = 'other'), 'bad-input', 'runs.0.task'],
    [
      'a curve without a trial',
      (f) => f.runs[0].series.push({ cell: 0, name: 's', x: [], seeds: [99], y: [[]] }),
      'bad-input',
      'runs.0.series.0'
    ],
    [
      'a curve that does not fit its steps',
      (f) => f.runs[0].series.push({ cell: 0, name: 's', x: [1], seeds: [0], y: [[]] }),
      'bad-input',
      'runs.0.series.0.y'
    ],
    [
      'an experiment out of bounds',
      (f) => Object.assign(f.runs[0].experiment, { seeds: [] }),
      'bad-input',
      'runs.0.experiment.seeds'
    ]
  ]
  it.each(cases)('is refused with %s, by file and field', (_, change, code, field) => {
    expect(refusal(change)).toMatchObject({ code, file: 'r.json', ...(field && { field }) })
  })
  it('names its format', () => expect(file().format).toBe(resultsFormat))
})
