import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportReport } from '../../../src-shared/documents/report-files.ts'
import { exportRuns } from '../../../src-shared/documents/run-files.ts'
import { blockSchema, type Block, type Report } from '../../../src-shared/shapes/report.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { latexProblems } from '../text/latex-structure.ts'
import { input } from '../support.ts'

/** `\evil` is an error in the document that the test makes: what is read as a command stops the compiler. */
const names = [
  'a\n\\evil',
  'a\r\\evil',
  '[9pt] b',
  '* c',
  '*[9pt] d',
  '\\\\[-9pt] \\evil',
  '}\\end{document}\\evil',
  '% \\evil ^^M\\evil',
  '$\\evil$ # & _ ^ ~ "',
  '\\begin{verbatim}\\evil',
  '\\input{secret}',
  ''.padEnd(120, '\\{')
]
const texts = [
  '> '.repeat(12) + 'deep',
  '- '.repeat(12) + '[x] \\evil',
  '| [9pt] | * |\n|-|-|\n| [9pt] \\evil | *[x] |\n| * | $ |',
  '```\n\n[x] \\evil\n\n* y\n```',
  '1. [a] *b* **[c]**\n2. * \\evil',
  '$x^2$, $\\evil$, $\\input{secret}$, $$\\frac{a}{b}$$, $a % b$, $\\def\\x{\\evil}$, $}\\evil{$, $5 and $6',
  '# [x] \\evil\n\n[a](https://example.org/%23_\\evil) \\\n[b]'
]

const block = (given: Record<string, unknown>): Block => blockSchema.parse({ id: 'b', runs: ['R1'], ...given })

function documents(name: string, markdown: string): string[] {
  const data = input(name)
  const [given] = data.runs
  const provenance = { ...given.run.provenance, experimentHash: name, version: name, commit: name, adapter: name }
  const run = { ...given.run, notes: markdown, provenance }
  const hostile = { ...data, runs: [{ ...given, run }], version: name }
  const kinds = ['task', 'derived', 'predictions', 'notes', 'methods', 'checklist', 'runs'] as const
  const report: Report = {
    id: 'r',
    title: name,
    created: '2026-01-01T00:00:00.000Z',
    changed: '2026-01-01T00:00:00.000Z',
    blocks: [
      block({ kind: 'text', markdown }),
      block({ kind: 'figure', caption: name }),
      block({ kind: 'table', metric: 'accuracy', caption: name }),
      ...kinds.map((kind) => block({ kind }))
    ].map((one, i) => ({ ...one, id: `b${i}` }))
  }
  return [exportReport('latex', report, hostile).content, exportRuns('latex', hostile).content]
}

const all = names.map((name, i) => documents(name, texts[i % texts.length]))

describe('LaTeX of hostile runs', () => {
  it.each(names.map((name, i) => [name, i] as const))('is whole, and no text in it is a command: %j', (_, i) => {
    for (const document of all[i]) expect(latexProblems(document)).toEqual([])
  })

  const compiler = spawnSync('pdflatex', ['--version']).status === 0
  it.skipIf(!compiler)(
    'is set by a TeX without an error',
    () => {
      const folder = temporaryFolder('latex')
      const head =
        '\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{amsmath,booktabs,pgfplots}\n' +
        '\\usetikzlibrary{plotmarks}\n\\pgfplotsset{compat=1.16}\n\\maxdeadcycles=1000\n' +
        '\\newcommand{\\evil}{\\errmessage{a text became a command}}\n\\begin{document}\n'
      for (const kind of [0, 1]) {
        const body = all.map((documentsOf) => documentsOf[kind]).join('\n\\clearpage\n')
        writeFileSync(join(folder, 'a.tex'), `${head}${body}\n\\end{document}\n`)
        const set = (): string =>
          execFileSync('pdflatex', ['-no-shell-escape', '-interaction=nonstopmode', '-halt-on-error', 'a.tex'], {
            cwd: folder,
            encoding: 'utf8'
          })
        expect(set).not.toThrow()
      }
    },
    300_000
  )
})
