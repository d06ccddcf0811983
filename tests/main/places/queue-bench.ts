/** A server, workers and studios of one test, and what is done with them. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { startEngine } from '../../../src-main/engine/process/launch.ts'
import type { Keychain } from '../../../src-main/places/queue/keychain.ts'
import type { QueueWorker } from '../../../src-main/places/queue/worker.ts'
import type { Studio } from '../../../src-main/studio/studio.ts'
import { redisServer, type RedisServer } from '../../support/redis.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { ended, openStudio, type Opened } from '../studio/support.ts'
import { numbers, worker } from './queue-support.ts'

export const folderIn = (folder: string, name: string): string => {
  mkdirSync(join(folder, name))
  return join(folder, name)
}

interface Bench {
  folder: string
  server: RedisServer
  worker(over?: Parameters<typeof worker>[1]): Promise<QueueWorker>
  studio(over?: Parameters<typeof openStudio>[1]): Promise<Opened>
}

/** A keychain of this process. */
export function keeping(password?: string): Keychain {
  let kept = password
  return {
    get: () => Promise.resolve(kept),
    set: (_, password) => Promise.resolve(void (kept = password || undefined))
  }
}

export async function bench(password?: string): Promise<Bench> {
  const folder = temporaryFolder('queue')
  const server = await redisServer(folderIn(folder, 'redis'), password)
  const workers: QueueWorker[] = []
  let made = 0
  onTestFinished(async () => {
    await Promise.all(workers.map((one) => one.abandon()))
    await server.kill()
  })
  return {
    folder,
    server,
    async worker(over) {
      const own = folderIn(folder, `worker-${++made}`)
      const one = await worker({ folder: own, address: server.address }, over)
      workers.push(one)
      return one
    },
    studio: (over) =>
      openStudio(
        {},
        {
          startEngine,
          queue: server.url,
          folder: join(folder, 'studio'),
          ...(password !== undefined && { keychain: keeping(password) }),
          ...over
        }
      )
  }
}

const onQueue = { kind: 'queue' } as const
export const start = async ({ handlers }: Pick<Studio, 'handlers'>, json: object): Promise<string> =>
  (await handlers['runs.start']({ experiment: json as never, on: onQueue })).id
export const here = async (studio: Opened, json: object): Promise<unknown> => {
  const { id } = await studio.handlers['runs.start']({ experiment: json as never })
  expect(await studio.until(id, ended)).toMatchObject({ status: 'done' })
  return numbers(studio, id)
}
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await wait(20)
}
