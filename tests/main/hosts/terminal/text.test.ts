import { describe, expect, it } from 'vitest'
import { plain, table } from '../../../../src-main/hosts/terminal/text.ts'

describe('plain', () => {
  it('keeps ordinary text of any script', () =>
    expect(plain('Gedächtnis — 記憶 ± 5 %')).toBe('Gedächtnis — 記憶 ± 5 %'))
  it.each([
    ['colours', '\x1b[31mred\x1b[0m', 'red'],
    ['a new window title', '\x1b]0;owned\x07name', 'name'],
    ['a cleared screen', 'a\x1b[2Jb', 'ab'],
    ['C1 sequences', 'a\x9b31mb', 'ab'],
    ['new lines and backspaces', 'a\r\nb\bc', 'abc'],
    ['turned text', 'abc\u202egpj.exe', 'abcgpj.exe']
  ])('takes out %s', (_what, text, expected) => expect(plain(text)).toBe(expected))
})

describe('table', () => {
  it('lines up words left and numbers right, and cleans what it is given', () => {
    expect(
      table(
        ['model', 'items'],
        [
          ['slots\x1b[2J', '5'],
          ['a', '−120']
        ]
      )
    ).toBe('model  items\n-----  -----\nslots      5\na       −120')
  })
  it('is just a head without rows', () => expect(table(['a', 'b'], [])).toBe('a  b\n-  -'))
})
