/** Text and tables as LaTeX, with the rules of booktabs. */
import { captionOf, testMethod, type PivotCell, type PivotTable } from '../documents/pivot.ts'
import { plusMinus } from './number-text.ts'

const special: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '{\\char34}',
  '±': '$\\pm$',
  '×': '$\\times$',
  '≤': '$\\le$',
  '≥': '$\\ge$',
  '−': '$-$',
  '→': '$\\to$',
  '↑': '$\\uparrow$',
  '↓': '$\\downarrow$',
  '†': '$\\dagger$'
}

/** Greek that has a command of its own; o, and capitals that look like Latin ones, have none. */
const greek =
  'αalpha βbeta γgamma δdelta εvarepsilon ζzeta ηeta θtheta ιiota κkappa λlambda μmu νnu ξxi πpi ρrho ςvarsigma σsigma ' +
  'τtau υupsilon φvarphi χchi ψpsi ωomega ΓGamma ΔDelta ΘTheta ΛLambda ΞXi ΠPi ΣSigma ΦPhi ΨPsi ΩOmega'
for (const entry of greek.split(' ')) special[entry[0]] = `$\\${entry.slice(1)}$`
special['ο'] = 'o'

/** Text that LaTeX prints as it is, in one line. */
export const escapeLatex = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- TeX stops at most of these
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .replace(/[\\&%$#_{}~^<>|"±×≤≥−→↑↓†α-ωΓΔΘΛΞΠΣΦΨΩ]/gu, (character) => special[character] ?? `\\${character}`)

/** LaTeX that is written already: it is not escaped. */
export interface Latex {
  latex: string
}

export interface LatexTable {
  caption: string
  /** Of `\label`: letters, digits, colons and dashes. */
  label: string
  /** Text is escaped; numbers stand right. */
  columns: readonly { head: string; number?: boolean }[]
  rows: readonly (readonly (string | Latex)[])[]
  /** Below the caption's sentence, in small print. */
  note?: string | Latex
}

const written = (cell: string | Latex): string => (typeof cell === 'string' ? escapeLatex(cell) : cell.latex)

/** A floating table that needs only `\usepackage{booktabs}`. */
export function latexTable({ caption, label, columns, rows, note }: LatexTable): string {
  const line = (cells: readonly (string | Latex)[]): string => `    ${cells.map(written).join(' & ')} \\\\`
  return [
    '% \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${escapeLatex(caption)}}`,
    `  \\label{${latexLabel(label)}}`,
    `  \\begin{tabular}{${columns.map(({ number }) => (number ? 'r' : 'l')).join('')}}`,
    '    \\toprule',
    line(columns.map(({ head }) => head)),
    '    \\midrule',
    ...rows.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
    ...(note ? [`  \\par\\smallskip{\\small ${written(note)}}`] : []),
    '\\end{table}',
    ''
  ].join('\n')
}

export const latexLabel = (text: string): string => text.replace(/[^A-Za-z0-9:-]+/g, '-')

/** The table of a paper: mean ± half of the interval with n, the best bold, what cannot be told from it with a dagger. */
export function latexPivot(table: PivotTable, label: string, caption?: string): string {
  const marks = table.rows.some(({ cells }) => cells.some((cell) => cell?.verdict === 'best'))
  const notes = [
    marks && 'Bold: best mean of the column.',
    table.tested && `$^{\\dagger}$~not significantly different from it. ${escapeLatex(testMethod)}.`
  ].filter(Boolean)
  return latexTable({
    caption: [caption, captionOf(table)].filter(Boolean).join(' '),
    label,
    columns: [{ head: 'Model' }, ...table.columns.map(({ head }) => ({ head, number: true }))],
    rows: table.rows.map((row) => [row.label, ...row.cells.map(latexCell)]),
    ...(notes.length > 0 && { note: { latex: notes.join(' ') } })
  })
}

function latexCell(cell: PivotCell | undefined): string | Latex {
  if (!cell) return ''
  const { mean, half, n, diverged, failed, verdict } = cell
  const lost = [diverged && `${diverged} diverged`, failed && `${failed} failed`].filter(Boolean)
  if (mean === null) return lost.length ? { latex: `--- (${lost.join(', ')})` } : { latex: '---' }
  const inner = `${latexNumber(plusMinus(mean, half ?? undefined))}`
  const number = verdict === 'best' ? `$\\mathbf{${inner}}$` : `$${inner}$`
  return { latex: `${number}${verdict === 'not different' ? '$^{\\dagger}$' : ''} (${[n, ...lost].join(', ')})` }
}

/** `1.5e-7 ± 2e-8` as mathematics. */
export const latexNumber = (text: string): string =>
  text
    .replace(/e([+-]?)(\d+)/g, (_, sign: string, power: string) => ` \\times 10^{${sign === '-' ? '-' : ''}${power}}`)
    .replace(' ± ', ' \\pm ')

/** A paragraph or more of text. */
export const latexParagraphs = (texts: readonly string[]): string =>
  texts.map((text) => `${escapeLatex(text)}\n`).join('\n')
