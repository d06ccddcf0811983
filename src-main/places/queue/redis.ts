/** The server of the queue: its address, whose password never leaves this file, and the names of what lies there. */
import { Redis } from 'ioredis'
import { StudioError } from '../../../src-shared/shapes/errors.ts'

export const prefix = 'engram'
/** BullMQ's queue of batches. */
export const queueName = 'batches'

/** A worker is there as long as this does not run out. */
export const workerKey = (id: string): string => `${prefix}:worker:${id}`
/** The ids of the workers. */
export const workersKey = `${prefix}:workers`
/** `paused` or `cancelled`, where somebody has said so of a run. */
export const controlKey = (run: string): string => `${prefix}:control:${run}`
/** Content that batches need, by its hash. */
export const assetKey = (hash: string): string => `${prefix}:asset:${hash}`

export const beatMs = 1000
export const beatExpiryMs = 10_000
/** Of a batch whose worker died. */
export const lockMs = 10_000
export const stalledCheckMs = 5000
/** What nobody collects, in seconds. */
export const keptSeconds = 30 * 86_400

/** Where a user says the server is, in the environment. */
export const addressVariable = 'ENGRAM_QUEUE'
export const passwordVariable = 'ENGRAM_QUEUE_PASSWORD'

export interface Address {
  /** As it may be shown: without a password. */
  shown: string
  options: { host: string; port: number; db: number; username?: string; password?: string; tls?: object }
}

const howToSay = `Give the password in the environment variable ${passwordVariable}, or the whole address in ${addressVariable}.`

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
  const password = decodeURIComponent(whole?.password || '') || env[passwordVariable] || kept
  const username = decodeURIComponent(url.username)
  const shown = `${url.protocol}//${username ? `${url.username}@` : ''}${url.host}${url.pathname === '/' ? '' : url.pathname}`
  return {
    shown,
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

const connectMs = 5000

/**
 * A connection that comes again by itself, once it has been there.
 * @throws StudioError connection-lost where there is no server, unauthorised where it does not let us in, not-supported
 *   for one that is too old
 */
export async function connect(address: Address, onLost: (lost: boolean) => void = () => undefined): Promise<Redis> {
  let met = false
  const redis = new Redis({
    ...address.options,
    lazyConnect: true,
    connectTimeout: connectMs,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (times === 1 && !met ? null : Math.min(200 * times, 2000))
  })
  let last: Error | undefined
  redis.on('error', (error: Error) => (last = error))
  try {
    await redis.connect()
    const info = await redis.info('server')
    const version = /redis_version:(\d+)/.exec(info)?.[1]
    if (Number(version) < 5)
      throw new StudioError('not-supported', `The queue needs Redis 5.0 or newer, or Valkey; there is ${version}.`)
  } catch (error) {
    redis.disconnect()
    throw failure(last ?? (error as Error), address)
  }
  met = true
  redis.on('close', () => onLost(true))
  redis.on('ready', () => onLost(false))
  return redis
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
