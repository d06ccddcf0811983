import { expect, it } from 'vitest'
import { flips } from '../../torture/flips.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it(
  'whichever bits are flipped in the data file and its backups, no number is silently another',
  { timeout: 120_000 },
  async () => {
    const seed = Date.now() % 1e9
    const { failures } = await flips({ rounds: 60, seed, folder: temporaryFolder('store'), tell: () => {} })
    expect(failures, `seed ${seed}`).toEqual([])
  }
)
