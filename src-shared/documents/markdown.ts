/**
 * Markdown as plain data, and that data as HTML and as LaTeX. The library only parses: elements are made here, from a
 * closed list, so raw HTML, images and links to anything but the web are text like any other.
 */
import { Marked, type Token, type Tokens } from 'marked'
import { formulaMarkup, isFormula } from './formula.ts'
import { escapeLatex } from '../text/latex.ts'
import { nestsDeep } from '../shapes/nesting.ts'
import { markup, raw, type Markup } from '../text/markup.ts'

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; children: Inline[] }
  | { kind: 'em'; children: Inline[] }
  | { kind: 'del'; children: Inline[] }
  | { kind: 'link'; href: string; children: Inline[] }
  | { kind: 'break' }
  /** A formula as TeX; a display formula stands alone. */
  | { kind: 'math'; tex: string; display: boolean }

export type MarkdownNode =
  | { kind: 'heading'; level: number; children: Inline[] }
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'list'; ordered: boolean; start: number; items: MarkdownNode[][] }
  | { kind: 'quote'; children: MarkdownNode[] }
  | { kind: 'code'; text: string }
  | { kind: 'rule' }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }

/** Deeper nesting than this is text: nobody means it. */
const deepest = 20

interface MathToken extends Tokens.Generic {
  type: 'math'
  tex: string
  display: boolean
}

/** `$$...$$` and `$...$`, the inner ends without blanks, no digit behind: `$5 and $6` is money. */
const formula = /^\$\$\s*((?:\\.|[^\\$])+?)\s*\$\$|^\$(?![\s$])((?:\\.|[^\\$\n])+?)(?<!\s)\$(?!\d)/s

const marked = new Marked({
  gfm: true,
  extensions: [
    {
      name: 'math',
      level: 'inline',
      start: (text) => text.indexOf('$'),
      tokenizer(text): MathToken | undefined {
        const [whole, display, inline] = formula.exec(text) ?? []
        const tex = display ?? inline
        return whole !== undefined && isFormula(tex)
          ? { type: 'math', raw: whole, tex, display: display !== undefined }
          : undefined
      }
    }
  ]
})

/** Text as Markdown that says it as it is, in one line. */
export const markdownText = (text: string): string => text.replace(/\s+/g, ' ').replace(/[!-/:-@[-`{-~]/g, '\\$&')

/** What no person nests is shown as it was written: the parser would exhaust its stack. Callers refuse it beforehand. */
export const parseMarkdown = (text: string): MarkdownNode[] =>
  nestsDeep(text) ? [{ kind: 'code', text }] : blocks(marked.lexer(text), 0)

function blocks(tokens: readonly Token[], depth: number): MarkdownNode[] {
  if (depth > deepest) return [{ kind: 'code', text: tokens.map(({ raw: source }) => source).join('') }]
  return tokens.flatMap((token): MarkdownNode[] => {
    switch (token.type) {
      case 'heading':
        return [{ kind: 'heading', level: (token as Tokens.Heading).depth, children: inlines(token.tokens, depth) }]
      case 'paragraph':
      case 'text':
        return [{ kind: 'paragraph', children: inlines(token.tokens ?? [token], depth) }]
      case 'list': {
        const { ordered, start, items } = token as Tokens.List
        return [
          {
            kind: 'list',
            ordered,
            start: Number(start) || 1,
            items: items.map((item) => blocks(item.tokens, depth + 1))
          }
        ]
      }
      case 'blockquote':
        return [{ kind: 'quote', children: blocks(token.tokens ?? [], depth + 1) }]
      case 'code':
        return [{ kind: 'code', text: (token as Tokens.Code).text }]
      case 'hr':
        return [{ kind: 'rule' }]
      case 'table': {
        const { header, rows } = token as Tokens.Table
        const cells = (row: readonly Tokens.TableCell[]): Inline[][] => row.map((cell) => inlines(cell.tokens, depth))
        return [{ kind: 'table', head: cells(header), rows: rows.map(cells) }]
      }
      case 'space':
      case 'def':
        return []
      default:
        return [{ kind: 'paragraph', children: [{ kind: 'text', text: token.raw }] }]
    }
  })
}

function inlines(tokens: readonly Token[] | undefined, depth: number): Inline[] {
  if (depth > deepest) return (tokens ?? []).map(({ raw: text }) => ({ kind: 'text', text }))
  return (tokens ?? []).flatMap((token): Inline[] => {
    switch (token.type) {
      case 'strong':
      case 'em':
      case 'del':
        return [{ kind: token.type, children: inlines(token.tokens, depth + 1) }]
      case 'codespan':
        return [{ kind: 'code', text: (token as Tokens.Codespan).text }]
      case 'br':
        return [{ kind: 'break' }]
      case 'math': {
        const { tex, display } = token as MathToken
        return [{ kind: 'math', tex, display }]
      }
      case 'escape':
        return [{ kind: 'text', text: (token as Tokens.Escape).text }]
      case 'link': {
        const { href } = token as Tokens.Link
        const children = inlines(token.tokens, depth + 1)
        return /^https?:\/\/[^\s"'<>]+$/i.test(href) ? [{ kind: 'link', href, children }] : children
      }
      case 'image':
        return [{ kind: 'text', text: (token as Tokens.Image).text }]
      case 'text':
        return token.tokens ? inlines(token.tokens, depth + 1) : [{ kind: 'text', text: (token as Tokens.Text).text }]
      default:
        return [{ kind: 'text', text: token.raw }]
    }
  })
}

/** A report's own headings stand above: a `#` of the text is an h3. */
export const markdownMarkup = (nodes: readonly MarkdownNode[]): Markup => markup`${nodes.map(nodeMarkup)}`

function nodeMarkup(node: MarkdownNode): Markup {
  switch (node.kind) {
    case 'heading': {
      const tag = raw(`h${Math.min(node.level + 1, 6)}`)
      return markup`<${tag}>${inlineMarkup(node.children)}</${tag}>`
    }
    case 'paragraph':
      return markup`<p>${inlineMarkup(node.children)}</p>`
    case 'list': {
      const items = node.items.map((item) => markup`<li>${itemMarkup(item)}</li>`)
      return node.ordered ? markup`<ol start="${node.start}">${items}</ol>` : markup`<ul>${items}</ul>`
    }
    case 'quote':
      return markup`<blockquote>${markdownMarkup(node.children)}</blockquote>`
    case 'code':
      return markup`<pre>${node.text}</pre>`
    case 'rule':
      return markup`<hr>`
    case 'table':
      return markup`<div class="wide"><table><thead><tr>${node.head.map((cell) => markup`<th scope="col">${inlineMarkup(cell)}</th>`)}</tr></thead><tbody>${node.rows.map(
        (row) => markup`<tr>${row.map((cell) => markup`<td>${inlineMarkup(cell)}</td>`)}</tr>`
      )}</tbody></table></div>`
  }
}

/** An item of one paragraph needs none around it. */
const itemMarkup = (item: readonly MarkdownNode[]): Markup =>
  item.length === 1 && item[0].kind === 'paragraph' ? inlineMarkup(item[0].children) : markdownMarkup(item)

const inlineMarkup = (inline: readonly Inline[]): Markup =>
  markup`${inline.map((part): Markup => {
    switch (part.kind) {
      case 'text':
        return markup`${part.text}`
      case 'code':
        return markup`<code>${part.text}</code>`
      case 'break':
        return markup`<br>`
      case 'math':
        return formulaMarkup(part.tex, part.display)
      case 'link':
        return markup`<a rel="noopener noreferrer" href="${part.href}">${inlineMarkup(part.children)}</a>`
      default: {
        const tag = raw(part.kind)
        return markup`<${tag}>${inlineMarkup(part.children)}</${tag}>`
      }
    }
  })}`

export const markdownLatex = (nodes: readonly MarkdownNode[]): string => latexOf(nodes, 0)

/** LaTeX has no more levels of lists and quotes than this; what lies deeper is set without its frame. */
const deepestLatex = 4

const latexOf = (nodes: readonly MarkdownNode[], depth: number): string =>
  nodes.map((node) => nodeLatex(node, depth)).join('\n')

/** A line of code; an empty one has no line to end. */
const codeLine = (line: string): string => (escapeLatex(line).trim() ? escapeLatex(line) : '\\mbox{}')

const sections = ['section', 'subsection', 'subsubsection', 'paragraph', 'subparagraph', 'subparagraph']

function nodeLatex(node: MarkdownNode, depth: number): string {
  switch (node.kind) {
    case 'heading':
      return `\\${sections[node.level - 1]}{${inlineLatex(node.children)}}\n`
    case 'paragraph':
      return `${inlineLatex(node.children)}\n`
    case 'list': {
      if (depth >= deepestLatex) return node.items.map((item) => latexOf(item, depth)).join('\n')
      const name = node.ordered ? 'enumerate' : 'itemize'
      // An item that begins with a bracket would be read as the item's label.
      return `\\begin{${name}}\n${node.items.map((item) => `  \\item{} ${latexOf(item, depth + 1).trimEnd()}`).join('\n')}\n\\end{${name}}\n`
    }
    case 'quote':
      if (depth >= deepestLatex) return latexOf(node.children, depth)
      return `\\begin{quote}\n${latexOf(node.children, depth + 1)}\\end{quote}\n`
    case 'code':
      return `\\begin{quote}\\ttfamily\n${node.text.split('\n').map(codeLine).join(' \\\\\n')}\n\\end{quote}\n`
    case 'rule':
      return '\\par\\noindent\\hrulefill\\par\n'
    case 'table': {
      const line = (row: readonly Inline[][]): string => `  ${row.map(inlineLatex).join(' & ')} \\\\`
      return `\\begin{center}\\begin{tabular}{${'l'.repeat(node.head.length)}}\n  \\toprule\n${line(node.head)}\n  \\midrule\n${node.rows.map(line).join('\n')}\n  \\bottomrule\n\\end{tabular}\\end{center}\n`
    }
  }
}

const inlineLatex = (inline: readonly Inline[]): string =>
  inline
    .map((part) => {
      switch (part.kind) {
        case 'text':
          return escapeLatex(part.text)
        case 'code':
          return `\\texttt{${escapeLatex(part.text)}}`
        case 'break':
          return ' \\newline{} '
        case 'math':
          return part.display ? `\\[${part.tex}\\]` : `$${part.tex}$`
        case 'strong':
          return `\\textbf{${inlineLatex(part.children)}}`
        case 'em':
          return `\\emph{${inlineLatex(part.children)}}`
        case 'del':
          return inlineLatex(part.children)
        case 'link':
          return `${inlineLatex(part.children)}\\footnote{\\texttt{${escapeLatex(part.href)}}}`
      }
    })
    .join('')
