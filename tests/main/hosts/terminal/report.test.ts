import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fitData, fitText } from '../../../../src-main/hosts/terminal/fit.ts'
import { listReports, reportsTable, writeReport } from '../../../../src-main/hosts/terminal/report.ts'
import { runFile } from '../../../../src-main/hosts/terminal/run.ts'
import { tuned, tunedText } from '../../../../src-main/hosts/terminal/tune.ts'
import { fitRequestSchema } from '../../../../src-shared/recall/fit-request.ts'
import { simulatedExample } from '../../../../src-shared/recall/fit.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { refusal } from '../../studio/support.ts'

const plain = {
  format: 'engram-experiment/1',
  name: 'On paper',
  task: { kind: 'capacity', params: { dim: 8, items: 4 } },
  models: [{ kind: 'hopfield' }],
  seeds: { first: 0, count: 2 },
  backend: 'cpu'
}

it('runs and composed reports are written at the terminal; a file of blocks is kept as a report', async () => {
  const folder = temporaryFolder('report')
  const at = (name: string): string => join(folder, name)
  const data = at('data')
  writeFileSync(at('plain.json'), JSON.stringify(plain))
  const { run } = await runFile(at('plain.json'), { data })
  const of = (format: 'html' | 'latex' | 'csv' | 'json', name: string) => ({ data, format, out: at(name) })
  expect(await writeReport([run], of('html', 'run.html'))).toEqual({
    ...{ report: null, runs: [run], format: 'html', file: at('run.html') }
  })
  expect(readFileSync(at('run.html'), 'utf8')).toContain('On paper')
  expect(await listReports(data)).toEqual([])

  const blocks = [
    { id: 'a', kind: 'text', markdown: '# What was found' },
    { id: 'b', kind: 'table', runs: [run], metric: 'accuracy' }
  ]
  writeFileSync(at('blocks.json'), JSON.stringify({ title: 'A paper', blocks }))
  const { report } = await writeReport([at('blocks.json')], of('latex', 'paper.tex'))
  expect(readFileSync(at('paper.tex'), 'utf8')).toContain('What was found')
  const rows = await listReports(data)
  expect(rows).toMatchObject([{ id: report, title: 'A paper', blocks: 2 }])
  expect(reportsTable(rows)).toContain('A paper')
  expect((await writeReport(['A paper'], of('html', 'again.html'))).report).toBe(report)
  expect(readFileSync(at('again.html'), 'utf8')).toContain('What was found')

  writeFileSync(at('bad.json'), JSON.stringify({ title: 'Bad', blocks: [{ id: 'a', kind: 'poem' }] }))
  expect(await refusal(() => writeReport([at('bad.json')], of('html', 'x')))).toMatchObject({
    code: 'bad-file',
    file: at('bad.json')
  })
  expect(await refusal(() => writeReport([run], { data, format: 'html' }))).toMatchObject({ field: 'out' })
  expect((await refusal(() => writeReport(['no-such-run'], of('html', 'x')))).code).toBe('not-found')
}, 60_000)

it('an experiment that tunes is run, and its table is shown again of the run', async () => {
  const folder = temporaryFolder('tune')
  const [file, none, data] = ['tuned.json', 'plain.json', 'data'].map((name) => join(folder, name))
  const tuning = { params: [{ param: 'hopfield.beta', values: [0.01, 4] }], seeds: [50, 51], metric: 'mse' }
  writeFileSync(file, JSON.stringify({ ...plain, tuning }))
  writeFileSync(none, JSON.stringify(plain))
  const first = await tuned(file, { data })
  expect(first.metric).toBe('mse')
  expect(first.rows.map(({ values }) => values)).toEqual([{ beta: 0.01 }, { beta: 4 }])
  expect(first.rows.filter(({ chosen }) => chosen)).toHaveLength(1)
  expect(await tuned(first.run, { data })).toEqual(first)
  expect(tunedText(first)).toMatch(/beta/)
  expect(await refusal(() => tuned(none, { data }))).toMatchObject({ code: 'bad-input', file: none, field: 'tuning' })
  const { run } = await runFile(none, { data })
  expect(await refusal(() => tuned(run, { data }))).toMatchObject({ code: 'bad-input' })
  expect((await refusal(() => tuned('no-such-run', { data }))).code).toBe('not-found')
}, 60_000)

it('free recall is fitted at the terminal, from a file and from what was taken in', async () => {
  const folder = temporaryFolder('fit')
  const [file, data, request] = ['recalls.csv', 'data', 'request.json'].map((name) => join(folder, name))
  const all = simulatedExample().trim().split('\n')
  const [head] = all
  const subject = head.split(',').indexOf('subject')
  const first = all.slice(1).filter((line, _, [one]) => line.split(',')[subject] === one.split(',')[subject])
  writeFileSync(file, [head, ...first].join('\n'))
  const options = { data, kind: 'likelihood' as const, starts: 1, seed: 1, lists: 60 }
  const free = [{ name: 'B_enc', min: 0.1, max: 0.95 }]
  const found = await fitData(file, { ...options, free, fix: { T: 0.4 } })
  expect(found).toMatchObject({ status: 'done', request: { kind: 'likelihood', free } })
  expect(found.subjects).toHaveLength(1)
  expect(found.subjects[0].params.T).toBe(0.4)
  expect(fitText(found)).toMatch(/B_enc.*log-likelihood/)
  writeFileSync(request, JSON.stringify({ ...fitRequestSchema.parse(found.request), dataset: undefined }))
  const again = await fitData(found.dataset, { ...options, request })
  expect(again.subjects).toEqual(found.subjects)

  expect((await refusal(() => fitData('nothing', options))).code).toBe('not-found')
  const odd = [{ name: 'B_enc', min: 1, max: 0 }]
  expect(await refusal(() => fitData(found.dataset, { ...options, free: odd }))).toMatchObject({ code: 'bad-input' })
  expect((await refusal(() => fitData(found.dataset, { ...options, kind: 'recovery', of: 'none' }))).code).toBe(
    'not-found'
  )
}, 120_000)
