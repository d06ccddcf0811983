/** The address of the queue's server. A password comes from the environment or the keychain, and goes nowhere else. */
import { StudioError } from '../../../src-shared/shapes/errors.ts'

/** Where a user says the server is, in the environment. */
export const addressVariable = 'ENGRAM_QUEUE'
export const passwordVariable = 'ENGRAM_QUEUE_PASSWORD'

export interface Address {
  /** As it may be shown: without a password. */
  shown: string
  /** Where the password comes from. */
  passwordFrom: 'environment' | 'keychain' | 'none'
  options: { host: string; port: number; db: number; username?: string; password?: string; tls?: object }
}

const howToSay = `Give the password in the environment variable ${passwordVariable}, the whole address in ${addressVariable}, or have it kept in the system's keychain: on the page Computers, or by engram password.`

/**
 * An address as it may be stored and shown.
 * @throws StudioError bad-input for what is no redis:// or rediss:// address, or holds a password
 */
export function plainAddress(text: string, field = 'queue'): string {
  if (text === '') return ''
  if (parse(text, field).password !== '')
    throw new StudioError('bad-input', `An address with a password would be stored or shown. ${howToSay}`, { field })
  return text
}

function parse(text: string, field: string): URL {
  let url: URL | undefined
  try {
    url = new URL(text)
  } catch {
    // Said below.
  }
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || !/^(\/\d{0,4})?$/.test(url.pathname))
    throw new StudioError('bad-input', 'The address of a queue is redis://HOST:PORT or rediss://HOST:PORT.', { field })
  return url
}

/**
 * The server that is meant: of the command line, of the environment, of the settings.
 * @param given on the command line or in the settings: without a password
 * @param kept the password in the system's keychain
 * @throws StudioError bad-input, also where no address is given
 */
export function addressOf(given: string, env: NodeJS.ProcessEnv = takenSecrets(), kept?: string): Address {
  const own = plainAddress(given)
  const text = own || (env[addressVariable] ?? '')
  if (text === '')
    throw new StudioError(
      'bad-input',
      `No queue is set. Give its address in Settings, with --queue, or in the environment variable ${addressVariable}.`,
      { field: 'queue' }
    )
  const url = parse(text, own ? 'queue' : addressVariable)
  // The environment may hold the whole address of the same server.
  const whole = own && env[addressVariable] ? sameServer(own, env[addressVariable]) : url
  const told = decodeURIComponent(whole?.password || '') || env[passwordVariable]
  const password = told || kept
  const username = decodeURIComponent(url.username)
  const shown = `${url.protocol}//${username ? `${url.username}@` : ''}${url.host}${url.pathname === '/' ? '' : url.pathname}`
  return {
    shown,
    passwordFrom: told ? 'environment' : kept ? 'keychain' : 'none',
    options: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 6379),
      db: Number(url.pathname.slice(1) || 0),
      ...(username && { username }),
      ...(password && { password }),
      ...(url.protocol === 'rediss:' && { tls: {} })
    }
  }
}

function sameServer(own: string, other: string): URL | undefined {
  try {
    const [a, b] = [new URL(own), new URL(other)]
    return a.host === b.host && a.protocol === b.protocol ? b : undefined
  } catch {
    return undefined
  }
}

const taken: NodeJS.ProcessEnv = {}

/** Where the server is and how to get in, out of the environment: no child of ours, and no code in it, reads it there. */
export function takenSecrets(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  for (const name of [addressVariable, passwordVariable]) {
    if (env[name] !== undefined) taken[name] = env[name]
    delete env[name]
  }
  return taken
}

/** What a server or the way to it said, without what it was told. */
export function failure(error: Error, { shown }: Pick<Address, 'shown'>): StudioError {
  if (error instanceof StudioError) return error
  const reason = /^(NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR invalid password)/.test(error.message)
    ? ('unauthorised' as const)
    : ('connection-lost' as const)
  if (reason === 'unauthorised')
    return new StudioError(reason, `The server ${shown} does not let the studio in. ${howToSay}`, { field: 'queue' })
  const why = (error as NodeJS.ErrnoException).code ?? error.message
  return new StudioError(reason, `There is no queue at ${shown} (${why}). Start Redis or Valkey there.`, {
    field: 'queue'
  })
}
