/** A connection to the server of the queue. */
import { Redis } from 'ioredis'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { failure, type Address } from './address.ts'

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
  let ours = false
  redis.on('end', () => (ours = true))
  redis.on('close', () => setImmediate(() => ours || onLost(true)))
  redis.on('ready', () => onLost(false))
  return redis
}
