import { expect, it } from 'vitest'
import { load } from '../../torture/load.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it('a history is opened, compared and exported by serve while another page asks', async () => {
  const { summary, failures } = await load({ rounds: 2000, seed: 1, folder: temporaryFolder('load'), tell: () => {} })
  // How long a call waits says something on a quiet machine only: the long form looks at it.
  expect(failures.filter((failure) => !failure.includes('waited'))).toEqual([])
  expect(summary).toMatchObject({ trials: 2000, runs: 1 })
}, 120_000)
