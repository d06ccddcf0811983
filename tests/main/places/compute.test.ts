import { mkdirSync, readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startEngine } from '../../../src-main/engine/process/launch.ts'
import { builtInRegistry } from '../../../src-main/engine/worker/registry.ts'
import { AssetFolder } from '../../../src-main/places/assets.ts'
import { identityOf, sentCell, type Batch } from '../../../src-main/places/batch.ts'
import { BatchComputer, Refusal } from '../../../src-main/places/compute.ts'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import { checkExperiment } from '../../../src-shared/shapes/experiment.ts'
import { canonical } from '../../../src-shared/grid/identity.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { refusal } from '../studio/support.ts'
import { experiment, version } from './queue-support.ts'
import { createHash } from 'node:crypto'

describe('a batch of another studio', () => {
  const folder = temporaryFolder('compute')
  const computer = new BatchComputer({
    about: { name: 'w', host: hostname(), os: 'os', cpu: 'cpu', cores: 2, node: '24', commit: 'c', version },
    start: startEngine,
    assets: new AssetFolder(folder),
    workers: 1,
    backend: 'auto',
    trustsModels: true
  })
  const catalog = builtInRegistry().catalog()
  const [cell] = expandGrid(checkExperiment(experiment), catalog).grid!.cells
  const about = {
    task: 'capacity',
    cell: sentCell({ ...cell, index: 0 }),
    seeds: [4, 5],
    generator: 'philox' as const,
    assets: { vectors: [] }
  }
  const batch: Batch = {
    ...about,
    format: 'engram-batch/1',
    run: 'R',
    version,
    revisions: { task: 1, model: 1 },
    backend: 'wasm',
    identity: identityOf(about, catalog),
    checkpoints: []
  }
  const nothing = () => Promise.resolve(undefined)
  const refused = async (other: Partial<Batch>): Promise<{ refusal: boolean; code: string; message: string }> => {
    const error = await computer.compute({ ...batch, ...other }, nothing).then(
      () => undefined,
      (error: unknown) => error
    )
    const { code, message } = await refusal(() => Promise.reject(error as Error))
    return { refusal: error instanceof Refusal, code, message }
  }

  it('is computed where version, revisions and identity are the same, and left to others where they are not', async () => {
    const { outcomes, computer: by } = await computer.compute(batch, nothing)
    expect(outcomes.map(({ seed, status }) => [seed, status])).toEqual([
      [4, 'done'],
      [5, 'done']
    ])
    expect(by).toMatchObject({ name: 'w', version })
    for (const other of [
      { version: '0.0.0' },
      { revisions: { task: 1, model: 2 } },
      { revisions: { task: 0, model: 1 } },
      { identity: 'a'.repeat(64) },
      { seeds: [5, 4] }
    ]) {
      const found = await refused(other)
      expect([found.refusal, found.code]).toEqual([true, 'conflict'])
      expect(found.message).toContain(hostname())
    }
    expect((await refused({ revisions: { task: 1, model: 2 } })).message).toMatch(/revision 1 on .*, and of 2 here/)
    // No other machine knows them either.
    expect(await refused({ task: 'nothing' })).toMatchObject({ refusal: false, code: 'not-found' })
    expect(await refused({ cell: { ...batch.cell, model: 'nothing' } })).toMatchObject({
      refusal: false,
      code: 'not-found'
    })
    await computer.stop()
  }, 60_000)

  it('brings no code under a name that leads elsewhere', async () => {
    for (const name of ['../out.js', '/out.js', 'a/../../out.js', '.hidden.js', 'a\\b.js', 'C:out.js', '']) {
      const content = Buffer.from(canonical({ [name]: Buffer.from('x').toString('base64') }))
      const code = createHash('sha256').update(content).digest('hex')
      const assets = new AssetFolder(join(folder, 'own'))
      const error = await refusal(() => assets.have({ vectors: [], code }, () => Promise.resolve(content)))
      expect([name, error.code]).toEqual([name, 'bad-file'])
      expect(readdirSync(join(folder, 'own', 'code'))).toEqual([])
    }
    mkdirSync(join(folder, 'left'))
    expect(readdirSync(folder).sort()).toEqual(['code', 'left', 'own', 'vectors', 'weights'])
  })
})
