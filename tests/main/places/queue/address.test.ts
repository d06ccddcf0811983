import { describe, expect, it } from 'vitest'
import {
  addressOf,
  addressVariable,
  failure,
  passwordVariable,
  plainAddress,
  takenSecrets
} from '../../../../src-main/places/queue/address.ts'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'

const refused = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    if (error instanceof StudioError) return [error.data.code, error.data.field]
  }
  return 'taken'
}

describe('the address of a queue', () => {
  it('is a server, a port that may be left out, and a number of a database', () => {
    expect(addressOf('redis://host', {})).toEqual({
      shown: 'redis://host',
      passwordFrom: 'none',
      options: { host: 'host', port: 6379, db: 0 }
    })
    expect(addressOf('redis://10.0.0.7:7000/3', {})).toEqual({
      shown: 'redis://10.0.0.7:7000/3',
      passwordFrom: 'none',
      options: { host: '10.0.0.7', port: 7000, db: 3 }
    })
    expect(addressOf('redis://[::1]:7000/', {}).options).toEqual({ host: '::1', port: 7000, db: 0 })
    expect(addressOf('rediss://me@host', {})).toEqual({
      shown: 'rediss://me@host',
      passwordFrom: 'none',
      options: { host: 'host', port: 6379, db: 0, username: 'me', tls: {} }
    })
  })

  it('takes the password from the environment or the keychain, and never shows it', () => {
    const whole = { [addressVariable]: 'redis://me:p%40ss@host:7000' }
    expect(addressOf('', whole)).toEqual({
      shown: 'redis://me@host:7000',
      passwordFrom: 'environment',
      options: { host: 'host', port: 7000, db: 0, username: 'me', password: 'p@ss' }
    })
    const password = (given: string, env: Record<string, string>, kept?: string) =>
      addressOf(given, env, kept).options.password
    // The environment's whole address is of the server that was asked for, or says nothing of it.
    expect(password('redis://host:7000', whole)).toBe('p@ss')
    expect(password('redis://other:7000', whole)).toBeUndefined()
    expect(password('redis://host', { [passwordVariable]: 'secret' })).toBe('secret')
    expect(password('redis://host', { [passwordVariable]: 'secret' }, 'kept')).toBe('secret')
    expect(password('redis://host', {}, 'kept')).toBe('kept')
    expect(addressOf('redis://host', {}, 'kept').passwordFrom).toBe('keychain')
  })

  it.each([
    'host:6379',
    'http://host',
    'redis://',
    'redis://host/database',
    'redis://host:port',
    'redis://host/1/2',
    ' ',
    'redis://:secret@host'
  ])('refuses %j, with the field', (text) => {
    expect(refused(() => addressOf(text, {}))).toEqual(['bad-input', 'queue'])
    expect(refused(() => plainAddress(text, 'settings.queue'))).toEqual(['bad-input', 'settings.queue'])
  })

  it('says where to give one, and which variable holds a wrong one', () => {
    expect(refused(() => addressOf('', {}))).toEqual(['bad-input', 'queue'])
    expect(refused(() => addressOf('', { [addressVariable]: 'ftp://host' }))).toEqual(['bad-input', addressVariable])
    expect(plainAddress('')).toBe('')
  })

  it('is taken out of the environment, for children not to see it', () => {
    const env: NodeJS.ProcessEnv = {
      [addressVariable]: 'redis://:secret@host',
      [passwordVariable]: 'secret',
      PATH: 'p'
    }
    const taken = takenSecrets(env)
    expect(env).toEqual({ PATH: 'p' })
    expect(taken).toMatchObject({ [addressVariable]: 'redis://:secret@host', [passwordVariable]: 'secret' })
    // Whoever asks later is told the same.
    expect(takenSecrets(env)).toMatchObject({ [passwordVariable]: 'secret' })
  })

  it('stands in what is said of a failure, and the password does not', () => {
    const address = addressOf('redis://me@host', { [passwordVariable]: 'secret' })
    const closed = failure(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), address).data
    expect(closed).toMatchObject({ code: 'connection-lost', field: 'queue' })
    expect(closed.message).toContain('redis://me@host (ECONNREFUSED)')
    const shut = failure(new Error('WRONGPASS invalid username-password pair secret'), address).data
    expect(shut.code).toBe('unauthorised')
    expect(JSON.stringify([closed, shut])).not.toContain('secret')
  })
})
