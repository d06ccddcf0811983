import { expect, it } from 'vitest'
import { fuzz } from '../../torture/fuzz.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it('hostile calls and files are answered or refused by an error of the catalogue, and quote nothing', async () => {
  const { summary, failures } = await fuzz({ rounds: 1500, seed: 3, folder: temporaryFolder('fuzz'), tell: () => {} })
  expect(failures).toEqual([])
  expect(summary.answered).toBeGreaterThan(100)
  expect(summary.refused).toBeGreaterThan(100)
}, 120_000)
