import { describe, expect, it } from 'vitest'
import { pivotTable } from '../../../src-shared/documents/pivot.ts'
import { latexPivot } from '../../../src-shared/documents/report-latex.ts'
import { exportRuns } from '../../../src-shared/documents/run-files.ts'
import { escapeLatex, latexTable } from '../../../src-shared/text/latex.ts'
import { latexProblems } from '../text/latex-structure.ts'
import { hostileNames, input } from '../support.ts'

describe('a table of a report as LaTeX', () => {
  const { cells, catalog } = input()
  const [metric] = catalog.tasks[0].metrics
  const table = pivotTable(cells, {
    metric,
    axis: undefined,
    at: {},
    title: metric.label,
    labelOf: ({ label }) => label
  })

  it('holds mean and half width with n, the best bold, what cannot be told from it with a dagger', () => {
    const latex = latexPivot(table, 'tab:a b', 'My 100 % caption.')
    expect(latex).toContain('hebb & $\\mathbf{0.90 \\pm 0.25}$ (3) \\\\')
    expect(latex).toContain('slots & $0.6 \\pm 1.3$$^{\\dagger}$ (2, 1 diverged) \\\\')
    expect(latex).toContain('\\caption{My 100 \\% caption. Accuracy; higher is better.')
    expect(latex).toContain('\\label{tab:a-b}')
    for (const rule of ['toprule', 'midrule', 'bottomrule']) expect(latex).toContain(`\\${rule}`)
    expect(latex).not.toContain('\\hline')
  })
  it.each(hostileNames)('is whole whatever its models are called: %j', (name) => {
    const { content } = exportRuns('latex', input(name))
    expect(latexProblems(content)).toEqual([])
    expect(content).toContain(escapeLatex(`${name} a`))
  })
  it('would be found broken by the check that these tests rest on', () => {
    expect(latexProblems('\\begin{table} a \\end{center}')).toEqual(['\\end{center} closes another environment'])
    expect(latexProblems('a {b')).toEqual(['a brace is left open'])
    expect(latexProblems('$a')).toEqual(['mathematics left open'])
    expect(latexProblems('\\begin{tabular}{lr} a \\\\ b & c \\\\ \\end{tabular}')).toEqual(['a row of 1 in lr'])
    expect(
      latexProblems(latexTable({ caption: '{', label: '', columns: [{ head: '&' }], rows: [[{ latex: 'a & b' }]] }))
    ).toEqual(['a row of 2 in l'])
  })
})
