/** Passwords of the queue's servers in the operating system's keychain, by the server's address. */
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { addressOf, passwordVariable, takenSecrets, type Address } from './address.ts'

export interface Keychain {
  /** Undefined where none is kept, or where there is no keychain. */
  get(address: string): Promise<string | undefined>
  /** @param password empty: forget it @throws StudioError not-supported where there is no keychain */
  set(address: string, password: string): Promise<void>
}

const service = 'Engram Studio'
/** Linux: the kernel's keyring, which would stand in, forgets at the next start. */
const store = { linux: { store: 'secret-service' } } as const

/** macOS's keychain, Windows' credentials, and what serves Linux's Secret Service. */
export const systemKeychain: Keychain = {
  async get(address) {
    try {
      const { AsyncEntry } = await import('@napi-rs/keyring')
      return (await new AsyncEntry(service, address, store).getPassword()) ?? undefined
    } catch {
      return undefined
    }
  },
  async set(address, password) {
    try {
      const { AsyncEntry } = await import('@napi-rs/keyring')
      const entry = new AsyncEntry(service, address, store)
      await (password ? entry.setPassword(password) : entry.deletePassword())
    } catch {
      throw new StudioError(
        'not-supported',
        `There is no keychain here that could keep a password. Give it in the environment variable ${passwordVariable} instead.`,
        { field: 'password' }
      )
    }
  }
}

/**
 * The server that is meant, with the password that is kept for it where the environment gives none.
 * @throws StudioError bad-input
 */
export async function addressWith(given: string, keychain: Keychain): Promise<Address> {
  const address = addressOf(given)
  if (address.options.password !== undefined) return address
  return addressOf(given, takenSecrets(), await keychain.get(address.shown))
}
