/** Tables as LaTeX, with the rules of booktabs. */

const special: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}'
}

/** Text that LaTeX prints as it is. */
export const escapeLatex = (text: string): string =>
  text.replace(/[\\&%$#_{}~^]/g, (character) => special[character] ?? `\\${character}`)

export interface LatexTable {
  caption: string
  /** Of `\label`: letters, digits, colons and dashes. */
  label: string
  /** Text is escaped; numbers stand right. */
  columns: readonly { head: string; number?: boolean }[]
  rows: readonly (readonly string[])[]
  /** Below the caption's sentence, in small print. */
  note?: string
}

/** A floating table that needs only `\usepackage{booktabs}`. */
export function latexTable({ caption, label, columns, rows, note }: LatexTable): string {
  const line = (cells: readonly string[]): string => `    ${cells.map(escapeLatex).join(' & ')} \\\\`
  return [
    '% \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${escapeLatex(caption)}}`,
    `  \\label{${label.replace(/[^A-Za-z0-9:-]/g, '-')}}`,
    `  \\begin{tabular}{${columns.map(({ number }) => (number ? 'r' : 'l')).join('')}}`,
    '    \\toprule',
    line(columns.map(({ head }) => head)),
    '    \\midrule',
    ...rows.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
    ...(note ? [`  \\par\\smallskip{\\small ${escapeLatex(note)}}`] : []),
    '\\end{table}',
    ''
  ].join('\n')
}
