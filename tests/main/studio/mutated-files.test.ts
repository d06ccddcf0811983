import { expect, it } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { files } from '../../torture/files.ts'

it('a file of another tool, mutated, is read or refused by an error of the catalogue, and leaves nothing half stored', async () => {
  const { summary, failures } = await files({ rounds: 60, seed: 1, folder: temporaryFolder('mutated'), tell: () => {} })
  expect(failures).toEqual([])
  // Both ends of the fork are taken.
  for (const kind of ['mlflow', 'scalars', 'wandb', 'experiment', 'recall', 'vectors', 'weights'])
    expect(summary[`${kind} refused`], kind).toBeGreaterThan(0)
  for (const kind of ['mlflow', 'vectors']) expect(summary[`${kind} read`], kind).toBeGreaterThan(0)
}, 120_000)
