import { expect, it } from 'vitest'
import { queue } from '../../torture/queue.ts'
import { redisReason, withoutRedis } from '../../support/redis.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it.skipIf(withoutRedis)(
  `runs over the queue survive kill -9 of workers, studio and server, and give the numbers of this computer${redisReason}`,
  async () => {
    const { failures } = await queue({ rounds: 2, seed: 2, folder: temporaryFolder('torture-queue'), tell: () => {} })
    expect(failures).toEqual([])
  },
  240_000
)
