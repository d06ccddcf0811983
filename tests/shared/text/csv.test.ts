import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvField, csvTable } from '../../../src-shared/text/csv.ts'

/** A second implementation: a strict RFC 4180 reader. */
function readCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (quoted) {
      if (c !== '"') field += c
      else if (text[i + 1] === '"') field += text[++i]
      else quoted = false
    } else if (c === '"') quoted = true
    else if (c === ',') {
      row.push(field)
      field = ''
    } else if (c === '\r' && text[i + 1] === '\n') {
      row.push(field)
      rows.push(row)
      row = []
      field = ''
      i++
    } else field += c
  }
  return rows
}

describe('a CSV field', () => {
  it('keeps a negative number a number', () => expect(csvField(-0.5)).toBe('-0.5'))
  it('spells out what is not finite', () =>
    expect([NaN, Infinity, -Infinity].map(csvField)).toEqual(['NaN', 'Inf', '-Inf']))
  it('leaves a missing value empty', () => expect(csvField(null)).toBe(''))
  it('disarms text that a spreadsheet would run', () =>
    expect(['=1+1', '+1', '-1', '@a', '\ta'].map(csvField)).toEqual(["'=1+1", "'+1", "'-1", "'@a", `"'\ta"`]))
})

describe('a CSV table', () => {
  it('gives back every finite number exactly', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Number(readCsv(csvTable(['x'], [[x]]))[1][0])).toBe(Object.is(x, -0) ? 0 : x)
      })
    )
  })
  it('gives back any text through a strict reader', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 4 }), (cells) => {
        const back = readCsv(csvTable(cells, [cells]))[1]
        // Nothing but apostrophes is added, and nothing at all to a cell without a sign that begins a formula.
        for (const [i, cell] of cells.entries()) {
          if (/[=+\-@\t\r]/.test(cell)) expect(back[i].replaceAll("'", '')).toBe(cell.replaceAll("'", ''))
          else expect(back[i]).toBe(cell)
        }
      })
    )
  })
  it.each([',', ';', '\t', '|'])('holds no formula for a program that separates by %j', (separator) => {
    const unit = fc.constantFrom(...'=+-@;|\t\r\n",\' a1')
    fc.assert(
      fc.property(fc.array(fc.string({ unit }), { minLength: 1, maxLength: 4 }), (cells) => {
        const text = csvTable(['x'], [cells])
        // As a program reads it that knows this separator: a quote counts where a cell begins.
        const read =
          separator === ',' ? readCsv(text).flat() : text.split(/\r\n|\r|\n/).flatMap((line) => line.split(separator))
        for (const cell of read)
          expect(cell.replace(/^["']*(?=["])/, '').replace(/^"\s*/, '')).not.toMatch(/^\s*[=+\-@]/)
      }),
      { numRuns: 2000 }
    )
  })
})
