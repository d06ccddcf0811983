import { afterEach, describe, expect, it, vi } from 'vitest'
import { addressWith, systemKeychain, type Keychain } from '../../../../src-main/places/queue/keychain.ts'
import { withoutRedis, redisReason } from '../../../support/redis.ts'
import { asked, refusal } from '../../studio/support.ts'
import { bench, keeping } from '../queue-bench.ts'

describe('the keychain', () => {
  afterEach(() => void vi.unstubAllEnvs())

  it('gives the password of an address where the environment gives none', async () => {
    const wanted: string[] = []
    const keychain: Keychain = {
      get(address) {
        wanted.push(address)
        return Promise.resolve('kept')
      },
      set: () => Promise.resolve()
    }
    expect(await addressWith('redis://me@host:7000', keychain)).toMatchObject({
      passwordFrom: 'keychain',
      options: { password: 'kept' }
    })
    expect(wanted).toEqual(['redis://me@host:7000'])
    expect((await refusal(() => addressWith('redis://:secret@host', keychain))).code).toBe('bad-input')
  })

  it.skipIf(process.platform !== 'linux')('says where there is none, and holds nothing up', async () => {
    vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', 'unix:path=/nonexistent')
    vi.stubEnv('XDG_RUNTIME_DIR', '/nonexistent')
    expect(await systemKeychain.get('redis://host')).toBeUndefined()
    const error = await refusal(() => systemKeychain.set('redis://host', 'pl4nted'))
    expect(error).toMatchObject({ code: 'not-supported', field: 'password' })
    expect(JSON.stringify(error)).not.toContain('pl4nted')
  })
})

it.skipIf(withoutRedis)(
  `a password that the page gives is kept in the keychain and nowhere else${redisReason}`,
  async () => {
    const place = await bench('pl4nted')
    const keychain = keeping()
    const studio = await place.studio({ keychain })
    const ask = asked(studio)
    expect(await ask('computers.queue', {})).toMatchObject({ password: 'none', error: { code: 'unauthorised' } })
    await ask('computers.keepPassword', { password: 'wrong' })
    expect(await ask('computers.queue', {})).toMatchObject({ password: 'keychain', error: { code: 'unauthorised' } })
    await ask('computers.keepPassword', { password: 'pl4nted' })
    const there = await ask('computers.queue', {})
    expect(there).toMatchObject({ password: 'keychain', workers: [] })
    expect(there.error).toBeUndefined()
    expect(JSON.stringify([there, await ask('settings.get', {})])).not.toContain('pl4nted')
    await ask('computers.keepPassword', { password: '' })
    expect(await ask('computers.queue', {})).toMatchObject({ password: 'none', error: { code: 'unauthorised' } })
  },
  60_000
)
