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
    expect(['=1+1', '+1', '-1', '@a', '\ta'].map(csvField)).toEqual(["'=1+1", "'+1", "'-1", "'@a", "'\ta"]))
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
        expect(back).toEqual(cells.map((c) => (/^[=+\-@\t\r]/.test(c) ? `'${c}` : c)))
      })
    )
  })
})
