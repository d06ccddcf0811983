/** Environments, groups and column counts, as a compiler would find them wrong. */
export function latexProblems(latex: string): string[] {
  const problems: string[] = []
  const open: string[] = []
  const code = latex.replace(/^%.*$/gm, '').replace(/\\[\\&%$#_{}]/g, (m) => (m === '\\\\' ? m : ''))
  for (const [, what, name] of code.matchAll(/\\(begin|end)\{([a-z*]+)\}/g)) {
    if (what === 'begin') open.push(name)
    else if (open.pop() !== name) problems.push(`\\end{${name}} closes another environment`)
  }
  for (const [ended] of code.matchAll(/(?:\\\\|\\(?:top|mid|bottom)rule)\s*[[*]/g))
    problems.push(`${ended.replace(/\s+/g, ' ')} takes what follows for an argument`)
  if (/\\evil/.test(code)) problems.push('a command of a text is left a command')
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
