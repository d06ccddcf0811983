import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { embeddedJson, escapeMarkup, markup } from '../../../src-shared/text/markup.ts'

describe('markup', () => {
  it('escapes what is put into it', () => {
    expect(markup`<b title="${'"><script>'}">${"<img onerror='x'>"}</b>`.text).toBe(
      '<b title="&quot;&gt;&lt;script&gt;">&lt;img onerror=&#39;x&#39;&gt;</b>'
    )
  })
  it('keeps markup inside markup, lists included', () => {
    expect(markup`<ul>${['a', '<'].map((x) => markup`<li>${x}</li>`)}</ul>`.text).toBe(
      '<ul><li>a</li><li>&lt;</li></ul>'
    )
  })
  it('never lets a delimiter through, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (s) => !/[<>"']/.test(escapeMarkup(s))))
  })
})

describe('embedded JSON', () => {
  it('reads back to the same value and cannot end its script element', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const text = embeddedJson(JSON.parse(json)).text
        expect(text).not.toMatch(/[<>&\u2028\u2029]/)
        expect(JSON.parse(text)).toEqual(JSON.parse(json))
      })
    )
  })
})
