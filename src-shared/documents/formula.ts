/** A formula as MathML, which browsers set without fonts, styles or scripts of ours; its TeX stays in it as annotation. */
import katex from 'katex'
import { raw, type Markup } from '../text/markup.ts'

export const formulaMarkup = (tex: string, display = false): Markup =>
  raw(
    katex.renderToString(tex, {
      output: 'mathml',
      displayMode: display,
      throwOnError: false,
      trust: false,
      strict: 'ignore'
    })
  )

/** What would change the document around a formula: definitions, comments, and names made of characters. */
const reaching =
  /\\(?:[egx]?def|let|futurelet|global|long|(?:re)?newcommand|providecommand|csname|char)(?![A-Za-z])|(?<!\\)%/

/** Whether TeX of a user's is a formula and nothing else: it is set as it is, in a LaTeX document too. */
export function isFormula(tex: string): boolean {
  if (tex.length > 2000 || reaching.test(tex)) return false
  let outside = false
  // Links, pictures and HTML are no formulas; KaTeX asks about each.
  const trust = (): boolean => {
    outside = true
    return false
  }
  try {
    katex.renderToString(tex, { throwOnError: true, trust, strict: 'ignore', maxExpand: 100 })
    return !outside
  } catch {
    return false
  }
}
