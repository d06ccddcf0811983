import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeLatex, latexComment, latexNumber } from '../../../src-shared/text/latex.ts'

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
    '\\dagger': '†',
    '\\infty': '∞'
  }
  return latex
    .replace(/\{([[*])\}/g, '$1')
    .replace(
      /\\([a-z]+)\{\}|\{\\char34\}|\\([&%$#_{}])|\$([^$]+)\$/g,
      (_, word: string | undefined, sign: string | undefined, math: string | undefined) =>
        word !== undefined ? words[word] : sign !== undefined ? sign : math !== undefined ? maths[math] : '"'
    )
}
/** Nothing special is left outside the forms above. */
const bare = (latex: string): string =>
  latex.replace(/\{[[*]\}|\\[a-z]+\{\}|\{\\char34\}|\\[&%$#_{}]|\$(\\[a-z]+|-)\$/g, '')

describe('text for LaTeX', () => {
  it('prints as it was typed, whatever was typed, and leaves nothing special bare', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'\\&%$#_{}~^<>|"[*±×≤≥−∞→†abc 1`\'-é脳🧠\u202e')
    })
    fc.assert(
      fc.property(text, (typed) => {
        expect(printed(escapeLatex(typed))).toBe(typed)
        expect(bare(escapeLatex(typed))).not.toMatch(/[\\&%$#_{}~^[*]/)
      })
    )
  })
  it('as a comment stays behind its sign, whatever line it would begin', () => {
    for (const end of ['\n', '\r', '\r\n', '\u000b', '\f', '\u0085', '\u2028'])
      expect(latexComment(`a${end}\\evil`)).toMatch(/^% a[^\n\r\v\f]*textbackslash\{\}evil$/)
  })
  it('stays in one line: an empty line would end a caption', () => {
    expect(escapeLatex('a\n\nb\tc\u0000d')).toBe('a b c d')
  })
})

it('a number is mathematics: its sign, its power of ten, its interval, and infinity', () => {
  expect(['−0.50 ± 0.25', '−1.50e−7 ± 2.0e−8', '2.926e17', '−∞', '0'].map(latexNumber)).toEqual([
    '-0.50 \\pm 0.25',
    '-1.50 \\times 10^{-7} \\pm 2.0 \\times 10^{-8}',
    '2.926 \\times 10^{17}',
    '-\\infty',
    '0'
  ])
})
