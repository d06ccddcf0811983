import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importFile } from '../../../../src-main/hosts/terminal/import.ts'
import { readExperiment } from '../../../../src-main/hosts/terminal/run.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const cases = 'tests/cases'

describe('engram import', () => {
  it('prints the experiment that a W&B sweep becomes, with notes, and engram run reads the same', async () => {
    const data = join(temporaryFolder('import'), 'data')
    const file = join(cases, 'wandb/probabilities.yaml')
    const { json, lines } = await importFile(file, { data })
    expect(json).toMatchObject({
      experiment: {
        task: { kind: expect.any(String) as string },
        sweep: [{ param: 'task.items', values: [5, 10], probabilities: [0.9, 0.1] }],
        search: { method: 'random', count: 1000 }
      },
      notes: [expect.stringContaining('names neither task nor model')]
    })
    expect(lines[0]).toMatch(/^# The file names neither/)
    expect(await readExperiment(file)).toEqual((json as { experiment: unknown }).experiment)
    expect(existsSync(data)).toBe(false)
  })
  it('takes task and models of a sweep from an experiment that is named', async () => {
    const base = join(temporaryFolder('import'), 'base.json')
    writeFileSync(
      base,
      JSON.stringify({
        format: 'engram-experiment/1',
        name: 'Mine',
        task: { kind: 'capacity' },
        models: [{ kind: 'hopfield' }]
      })
    )
    const { json } = await importFile(join(cases, 'wandb/nested.yaml'), { data: 'none', experiment: base })
    expect(json).toMatchObject({ experiment: { name: 'Mine', models: [{ kind: 'hopfield' }] }, notes: [] })
  })
  it('says what was taken of vectors, and where a file belongs that it does not take', async () => {
    const data = join(temporaryFolder('import'), 'data')
    const { lines } = await importFile(join(cases, 'vectors/pandas-noindex.csv'), { data })
    expect(lines[0]).toMatch(/2 vectors of 3 columns, the first 0\.5, 0\.25, -1; left out: the header 0, 1, 2$/)
    await expect(importFile(join(cases, 'experiment/bom-crlf.json'), { data })).rejects.toThrow(/engram run runs it/)
    await expect(importFile(join(cases, 'safetensors/git-lfs-pointer.safetensors'), { data })).rejects.toThrow(
      /Git LFS pointer/
    )
    const matrix = join(temporaryFolder('import'), 'm.csv')
    writeFileSync(matrix, '2,1\n1,2\n')
    const items = join(temporaryFolder('import'), 'items.csv')
    writeFileSync(items, 'oak,elm,fir\ncat,dog,\n')
    const read = await importFile(matrix, { data, items })
    expect(read.json).toMatchObject({
      lists: 2,
      lengths: [{ length: 3 }, { length: 2 }],
      reading: { items: 'items.csv' }
    })
    expect(read.lines[0]).toMatch(/2 lists; presented items of items\.csv; 1 of them of 3 items.*others have 2$/)
    await expect(importFile('none.csv', { data })).rejects.toMatchObject({ data: { code: 'not-found' } })
  })
})
