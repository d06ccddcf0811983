import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeLatex, latexPivot, latexTable } from '../../../src-shared/text/latex.ts'
import { pivotTable } from '../../../src-shared/documents/pivot.ts'
import { exportRuns } from '../../../src-shared/documents/export.ts'
import { latexProblems } from './latex-structure.ts'
import { hostileNames, input } from '../support.ts'

/** What LaTeX would print, read back by its own rules and not by our table. */
function printed(latex: string): string {
  const words: Record<string, string> = {
    textbackslash: '\\',
    textasciitilde: '~',
    textasciicircum: '^',
    textless: '<',
    textgreater: '>',
    textbar: '|'
  }
  const maths: Record<string, string> = {
    '\\pm': '±',
    '\\times': '×',
    '\\le': '≤',
    '\\ge': '≥',
    '-': '−',
    '\\to': '→',
    '\\dagger': '†'
  }
  return latex.replace(
    /\\([a-z]+)\{\}|\{\\char34\}|\\([&%$#_{}])|\$([^$]+)\$/g,
    (_, word: string | undefined, sign: string | undefined, math: string | undefined) =>
      word !== undefined ? words[word] : sign !== undefined ? sign : math !== undefined ? maths[math] : '"'
  )
}
/** Nothing special is left outside the forms above. */
const bare = (latex: string): string => latex.replace(/\\[a-z]+\{\}|\{\\char34\}|\\[&%$#_{}]|\$(\\[a-z]+|-)\$/g, '')

describe('text for LaTeX', () => {
  it('prints as it was typed, whatever was typed, and leaves nothing special bare', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'\\&%$#_{}~^<>|"±×≤≥−→†abc 1`\'-é脳🧠\u202e')
    })
    fc.assert(
      fc.property(text, (typed) => {
        expect(printed(escapeLatex(typed))).toBe(typed)
        expect(bare(escapeLatex(typed))).not.toMatch(/[\\&%$#_{}~^]/)
      })
    )
  })
  it('stays in one line: an empty line would end a caption', () => {
    expect(escapeLatex('a\n\nb\tc\u0000d')).toBe('a b c d')
  })
})

describe('a LaTeX table', () => {
  const { cells, catalog } = input()
  const [metric] = catalog.tasks[0].metrics
  const table = pivotTable(cells, { metric, axis: undefined, at: {}, labelOf: ({ label }) => label })

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
