import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { userFiles } from '../../../../src-main/engine/process/user-files.ts'
import { pythonId } from '../../../../src-main/engine/python/model.ts'
import { plainPython } from '../../../support/python.ts'

const from = join(import.meta.dirname, 'models')
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engram-python-'))
  for (const name of ['plain_models.py', 'shared_numbers.py']) copyFileSync(join(from, name), join(folder, name))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const found = (): ReturnType<typeof userFiles> => userFiles(folder, plainPython)
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)

describe('the classes of a Python file', () => {
  it('are known by FILE-CLASS in lower case with dashes', () => {
    expect(pythonId('/a/b/AR.py', 'RAGEpisodicMemory')).toBe('ar-rag-episodic-memory')
    expect(pythonId('my_model.py', 'Hebbian2')).toBe('my-model-hebbian2')
  })

  it('are read from their signatures, docstrings and refinements; those that cannot be are listed with the reason', async () => {
    const { models, errors } = await found()
    expect(models.map(({ id }) => id)).toEqual(['plain-models-last-value', 'plain-models-noisy'])
    const [last, noisy] = models.map(({ python }) => python!.class)
    expect(last).toMatchObject({
      kind: 'key-value',
      dimension: 'd_model',
      title: 'Last value',
      summary: 'Answers with the last value, whatever is asked.',
      equations: ['v_N'],
      contexts: false,
      places: false
    })
    expect(last.params).toEqual([
      {
        name: 'd_model',
        type: 'integer',
        default: 64,
        min: 1,
        max: 65536,
        help: 'length of a vector',
        unit: '',
        from: 'dim'
      },
      {
        name: 'gain',
        type: 'number',
        default: 1,
        min: -4,
        max: 4,
        help: 'what the value is multiplied with',
        unit: 'V'
      },
      { name: 'mode', type: 'choice', options: ['plain', 'twice'], default: 'plain', help: 'how', unit: '' },
      { name: 'strict', type: 'boolean', default: false, help: '', unit: '' }
    ])
    expect(noisy).toMatchObject({ contexts: true, places: true })
    expect(models[0].python!.absent).toEqual(['a_package_that_nobody_has'])
    expect(errors).toMatchObject([{ code: 'bad-file', field: 'NeedsMore', file: join(folder, 'plain_models.py') }])
    expect(errors[0].message).toContain('secret')
  })

  it('leave nothing behind in the folder', async () => {
    await found()
    expect(readdirSync(folder).sort()).toEqual(['plain_models.py', 'shared_numbers.py'])
  })

  it('have the hash of their file and of the files that it imports as their code', async () => {
    const code = async (): Promise<string> => (await found()).models[0].code
    const first = await code()
    write('another.py', 'x = 1')
    expect(await code()).toBe(first)
    write('shared_numbers.py', 'ONE = 1 # or so')
    expect(await code()).not.toBe(first)
  })

  it('load while other files are no Python, exit, or hold no memory', async () => {
    write('syntax.py', 'def (:')
    write('exits.py', 'import os\nos._exit(4)')
    write('leaves.py', 'raise SystemExit(2)')
    write('nothing.py', 'print("hello")')
    const { models, errors } = await found()
    expect(models).toHaveLength(2)
    const said = Object.fromEntries(errors.map(({ file, message }) => [file!.slice(folder.length + 1), message]))
    expect(said['syntax.py']).toContain('SyntaxError')
    expect(said['exits.py']).toContain('exit code 4')
    expect(said['leaves.py']).toContain('SystemExit')
    expect(said['nothing.py']).toContain('no class that can be used as a memory')
  })

  it('are refused with what to install where there is no Python', async () => {
    const { models, errors } = await userFiles(folder, () => Promise.resolve({ missing: 'Install Python.' }))
    expect(models).toEqual([])
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['not-supported', 'Install Python.'],
      ['not-supported', 'Install Python.']
    ])
  })
})
