import { describe, expect, it } from 'vitest'
import type { Handlers } from '../../../src-shared/contract/index.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { dispatch } from '../../../src-main/hosts/dispatch.ts'

const handlers = (some: Partial<Handlers>): Handlers => some as Handlers

describe('dispatch', () => {
  it('hands a call to its handler with the schema’s defaults filled in', async () => {
    const seen: unknown[] = []
    const result = await dispatch(
      handlers({
        'runs.list': (input) => {
          seen.push(input)
          return { rows: [], total: 0 }
        }
      }),
      'runs.list',
      { filter: 'memory' }
    )
    expect(result).toEqual({ ok: true, value: { rows: [], total: 0 } })
    expect(seen).toEqual([
      { filter: 'memory', trashed: false, sort: 'created', descending: true, offset: 0, limit: 200 }
    ])
  })

  it.each([['no.such.call'], ['__proto__'], ['constructor'], ['toString'], [7], [null], [undefined], [{}]])(
    'refuses the name %j',
    async (name) => {
      expect(await dispatch(handlers({}), name, {})).toMatchObject({ ok: false, error: { code: 'not-supported' } })
    }
  )

  it.each([
    ['nothing', undefined],
    ['an array', []],
    ['a wrong type', { id: 7 }],
    ['an empty id', { id: '' }],
    ['an endless id', { id: 'x'.repeat(65) }]
  ])('refuses %s as input and names the field, without asking the handler', async (_what, input) => {
    const result = await dispatch(
      handlers({
        'runs.get': () => {
          throw new Error('asked')
        }
      }),
      'runs.get',
      input
    )
    expect(result).toMatchObject({ ok: false, error: { code: 'bad-input' } })
  })

  it('drops keys that the schema does not know', async () => {
    let seen: unknown
    await dispatch(
      handlers({
        'runs.cancel': (input) => {
          seen = input
          return null
        }
      }),
      'runs.cancel',
      JSON.parse('{"id":"a","__proto__":{"admin":true},"more":1}')
    )
    expect(seen).toEqual({ id: 'a' })
    expect((seen as { admin?: boolean }).admin).toBeUndefined()
  })

  it('answers a StudioError as it is and any other as internal', async () => {
    const failing = (error: unknown): Handlers =>
      handlers({
        'runs.get': () => {
          throw error
        }
      })
    expect(await dispatch(failing(new StudioError('not-found', 'No such run.')), 'runs.get', { id: 'a' })).toEqual({
      ok: false,
      error: { code: 'not-found', message: 'No such run.' }
    })
    expect(await dispatch(failing(new TypeError('odd')), 'runs.get', { id: 'a' })).toMatchObject({
      ok: false,
      error: { code: 'internal', message: 'odd' }
    })
  })
})
