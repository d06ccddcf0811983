import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { userFiles } from '../../../src-main/engine/process/user-files.ts'
import { writeNewModel } from '../../../src-main/studio/new-model.ts'
import { newModelSchema } from '../../../src-shared/shapes/new-model.ts'

const root = mkdtempSync(join(tmpdir(), 'engram-new-model-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a new model', () => {
  it('is a file of its own that names the model, in either language', () => {
    const folder = join(root, 'not-there-yet')
    const python = writeNewModel(folder, { name: 'leaky trace', language: 'python' })
    expect(python).toBe(join(folder, 'leaky_trace.py'))
    expect(readFileSync(python, 'utf8')).toContain('class LeakyTrace(nn.Module):')
    const typescript = writeNewModel(folder, { name: 'leaky trace', language: 'typescript' })
    expect(typescript).toBe(join(folder, 'leaky-trace.ts'))
    expect(readFileSync(typescript, 'utf8')).toMatch(/id: 'leaky-trace',\n {2}title: 'leaky trace'/)
  })

  it('in TypeScript loads as it is', async () => {
    const folder = join(root, 'loads')
    writeNewModel(folder, { name: 'First', language: 'typescript' })
    const { models, errors } = await userFiles(folder)
    expect([models.map(({ id }) => id), errors]).toEqual([['first'], []])
  })

  it('never writes over a file, nor without a folder or outside it', () => {
    const folder = join(root, 'twice')
    const file = writeNewModel(folder, { name: 'one', language: 'python' })
    const text = readFileSync(file, 'utf8')
    expect(() => writeNewModel(folder, { name: 'One', language: 'python' })).toThrow('already')
    expect(readFileSync(file, 'utf8')).toBe(text)
    expect(() => writeNewModel('', { name: 'one', language: 'python' })).toThrow('no folder')
    expect(newModelSchema.safeParse({ name: '../evil', language: 'python' }).success).toBe(false)
    expect(newModelSchema.safeParse({ name: 'a'.repeat(49), language: 'python' }).success).toBe(false)
    expect(existsSync(join(root, 'evil.py'))).toBe(false)
  })
})
