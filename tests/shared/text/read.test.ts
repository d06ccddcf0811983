import { describe, expect, it } from 'vitest'
import { tableRows } from '../../../src-shared/text/read.ts'

describe('the rows of a table', () => {
  it('begin at its names, whatever stands above; lines are those of the file', () => {
    expect(tableRows('# of the lab, 2026\r\n\r\n# second remark\r\na,b\r\n\r\n1,2\r\n')).toEqual([
      { line: 4, cells: ['a', 'b'] },
      { line: 6, cells: ['1', '2'] }
    ])
    expect(tableRows('sep=;\na;b\n1,5;2\n')).toEqual([
      { line: 2, cells: ['a', 'b'] },
      { line: 3, cells: ['1,5', '2'] }
    ])
    expect(tableRows('# only\n#remarks')).toEqual([])
  })
  it('have a line of names that NumPy wrote as a comment', () => {
    expect(tableRows('# epoch,loss\n0,1.5\n')).toEqual([
      { line: 1, cells: ['  epoch', 'loss'] },
      { line: 2, cells: ['0', '1.5'] }
    ])
  })
  it('keep a # below the names', () => {
    expect(tableRows('a,b\n#1,2\n')).toHaveLength(2)
  })
  it('may hold line feeds in quotes; a quote that never ends is named by its line', () => {
    expect(tableRows('a,b\n"x\ny",2\n3,4\n').map(({ line }) => line)).toEqual([1, 2, 4])
    expect(() => tableRows('a,b\n1,"x\n3,4\n')).toThrow(/^Line 2: /)
  })
})
