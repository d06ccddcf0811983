/** Text and tables as LaTeX, with the rules of booktabs. */

const special: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '{\\char34}',
  '[': '{[}',
  '*': '{*}',
  '±': '$\\pm$',
  '×': '$\\times$',
  '≤': '$\\le$',
  '≥': '$\\ge$',
  '−': '$-$',
  '∞': '$\\infty$',
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

/**
 * Text that LaTeX prints as it is, in one line, wherever it stands: the bracket and the star are held in braces, since
 * at the start of a table's row they would be taken for an argument of what ends the row before.
 */
export const escapeLatex = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- TeX stops at most of these
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .replace(/[\\&%$#_{}~^<>|"[*±×≤≥−∞→↑↓†α-ωΓΔΘΛΞΠΣΦΨΩ]/gu, (character) => special[character] ?? `\\${character}`)

/** A line that LaTeX does not read: whatever the text is, it does not get out of it. */
export const latexComment = (text: string): string => `% ${escapeLatex(text)}`

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

/** `−1.5e−7 ± 2e−8` as mathematics. */
export const latexNumber = (text: string): string =>
  text
    .replaceAll('−', '-')
    .replace(/e(-?\d+)/g, ' \\times 10^{$1}')
    .replace(' ± ', ' \\pm ')
    .replaceAll('∞', '\\infty')

/** A paragraph or more of text. */
export const latexParagraphs = (texts: readonly string[]): string =>
  texts.map((text) => `${escapeLatex(text)}\n`).join('\n')
