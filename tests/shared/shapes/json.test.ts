import { describe, expect, it } from 'vitest'
import { deepestJson, nestsTooDeep, parseJson } from '../../../src-shared/shapes/json.ts'
import { StudioError, type ErrorData } from '../../../src-shared/shapes/errors.ts'

function refused(text: string): ErrorData {
  try {
    parseJson(text, { file: 'x.json' })
  } catch (error) {
    if (error instanceof StudioError) return error.data
  }
  throw new Error('it was taken')
}
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe('JSON from outside', () => {
  it.each(['root:x:0:0:root', '{"a": secret}', '-----BEGIN KEY-----', '{"a":1,\n"b": secret', '"secret', '{secret'])(
    'is refused without a word of it: %j',
    (text) => {
      const error = refused(text)
      expect(error).toMatchObject({ code: 'bad-file', file: 'x.json' })
      expect(JSON.stringify(error)).not.toMatch(/secret|root|BEGIN/)
    }
  )
  it('says the line and column where the parser does', () => {
    expect(refused('{\n  "a": 1,\n  b').message).toBe('This is not JSON (line 3, column 3).')
  })
  it('may nest a hundred deep and no deeper, whatever the depth', () => {
    expect(parseJson(nested(deepestJson))).toBeInstanceOf(Array)
    for (const depth of [deepestJson + 1, 5000, 200_000])
      expect(refused(nested(depth))).toMatchObject({ code: 'too-large', file: 'x.json' })
    expect(refused('{"a":'.repeat(5000) + '1' + '}'.repeat(5000)).code).toBe('too-large')
  })
  it('is wide at no cost of depth', () => {
    expect(nestsTooDeep(Array.from({ length: 300_000 }, (_, i) => [{ i }]))).toBe(false)
  })
})
