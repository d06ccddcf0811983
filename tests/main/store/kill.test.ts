import { expect, it } from 'vitest'
import { kill } from '../../torture/kill.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const rounds = 15

it(
  `keeps every reported trial whole when the writer is killed at ${rounds} random moments`,
  async () => {
    const seed = Date.now() % 1e9
    const { failures, summary } = await kill({ rounds, seed, folder: temporaryFolder('store'), tell: () => {} })
    expect(failures, `seed ${seed}`).toEqual([])
    expect(summary['trials reported as stored']).toBeGreaterThan(rounds)
  },
  60_000 + rounds * 2000
)
