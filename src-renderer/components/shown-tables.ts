/** The tables of a part of the page as plain data, with the words that they show. */
import type { Kept } from '../../src-shared/shapes/kept.ts'

/** @param title of the only table; several are called as their places are */
export function tablesIn(part: Element, title: string): Kept[] {
  const tables = [...part.querySelectorAll('table')]
  return tables.map((table) => {
    const label = table.closest('[role="region"]')?.getAttribute('aria-label') ?? title
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])]
    const cells = [...table.tBodies].flatMap((body) => [...body.rows].map((row) => [...row.cells]))
    const rows = cells.map((row) => row.map((cell) => wordsOf(cell)))
    // On the page a row without a name goes on with what is above it.
    for (const [i, row] of rows.entries()) if (i && row[0] === '') row[0] = rows[i - 1][0]
    // Columns of bars and of buttons alone say nothing on paper.
    const said = heads.map(
      (head, k) =>
        rows.some((row) => row[k]) &&
        (wordsOf(head) !== '' || cells.some((row) => row[k] && !row[k].querySelector('button')))
    )
    const kept = <T>(cells: readonly T[]): T[] => cells.filter((_, k) => said[k])
    return {
      table: {
        title: tables.length > 1 ? label : title,
        columns: kept(
          heads.map((head) => ({
            head: wordsOf(head, true),
            ...(head.classList.contains('number') && { number: true })
          }))
        ),
        rows: rows.filter((row) => row.length === heads.length).map(kept),
        note:
          tables.length > 1 ? '' : [...part.querySelectorAll('p.note, p.faint')].map((note) => wordsOf(note)).join(' ')
      }
    }
  })
}

/** Text as it is read, formulas as TeX. @param heard also what only assistive technology says */
function wordsOf(element: Element, heard = false): string {
  const copy = element.cloneNode(true) as Element
  for (const hidden of copy.querySelectorAll(heard ? 'svg' : '.hidden-text, svg, [aria-hidden="true"]:not(.katex *)'))
    hidden.remove()
  for (const formula of copy.querySelectorAll('.katex'))
    formula.replaceWith(`$${formula.querySelector('annotation')?.textContent ?? ''}$`)
  return (copy.textContent ?? '').replace(/\s+/g, ' ').trim()
}
