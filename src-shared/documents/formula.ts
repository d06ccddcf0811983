/** A formula as MathML, which browsers set without fonts, styles or scripts of ours; its TeX stays in it as annotation. */
import katex from 'katex'
import { raw, type Markup } from '../text/markup.ts'

export const formulaMarkup = (tex: string): Markup =>
  raw(katex.renderToString(tex, { output: 'mathml', throwOnError: false, trust: false, strict: 'ignore' }))
