import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeLatex, latexPivot, latexTable } from '../../../src-shared/report/latex.ts'
import { pivotTable } from '../../../src-shared/report/pivot.ts'
import { exportRuns } from '../../../src-shared/report/export.ts'
import { hostileNames, input } from './support.ts'

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

/** Environments, groups and column counts, as a compiler would find them wrong. */
function structure(latex: string): string[] {
  const problems: string[] = []
  const open: string[] = []
  const code = latex.replace(/^%.*$/gm, '').replace(/\\[\\&%$#_{}]/g, (m) => (m === '\\\\' ? m : ''))
  for (const [, what, name] of code.matchAll(/\\(begin|end)\{([a-z*]+)\}/g)) {
    if (what === 'begin') open.push(name)
    else if (open.pop() !== name) problems.push(`\\end{${name}} closes another environment`)
  }
  if (open.length) problems.push(`${open.join(', ')} left open`)
  let depth = 0
  for (const character of code) {
    depth += character === '{' ? 1 : character === '}' ? -1 : 0
    if (depth < 0) problems.push('a brace closes nothing')
  }
  if (depth) problems.push('a brace is left open')
  if ((code.match(/\$/g) ?? []).length % 2) problems.push('mathematics left open')
  for (const [, columns, body] of code.matchAll(/\\begin\{tabular\}\{([lrc]+)\}([^]*?)\\end\{tabular\}/g))
    for (const row of body.split('\\\\').slice(0, -1))
      if (row.split('&').length !== columns.length) problems.push(`a row of ${row.split('&').length} in ${columns}`)
  return problems
}

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
  const table = pivotTable(cells, { metric, axis: undefined, at: {}, labelOf: ({ model }) => model })

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
    expect(structure(content)).toEqual([])
    expect(content).toContain(escapeLatex(`${name} a`))
  })
  it('would be found broken by the check that these tests rest on', () => {
    expect(structure('\\begin{table} a \\end{center}')).toEqual(['\\end{center} closes another environment'])
    expect(structure('a {b')).toEqual(['a brace is left open'])
    expect(structure('$a')).toEqual(['mathematics left open'])
    expect(structure('\\begin{tabular}{lr} a \\\\ b & c \\\\ \\end{tabular}')).toEqual(['a row of 1 in lr'])
    expect(
      structure(latexTable({ caption: '{', label: '', columns: [{ head: '&' }], rows: [[{ latex: 'a & b' }]] }))
    ).toEqual(['a row of 2 in l'])
  })
})
