import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { userFiles } from '../../../../src-main/engine/process/user-files.ts'
import { pythonId } from '../../../../src-main/engine/python/model.ts'
import type { NamedArray } from '../../../../src-main/engine/python/frames.ts'
import { pythonOf } from '../../../../src-main/engine/python/python.ts'
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

  it('may be in packages and import what lies beside them, above them and nowhere yet', async () => {
    const place = join(folder, 'my models', 'päckage')
    mkdirSync(place, { recursive: true })
    write('tools.py', 'FACTOR = 2')
    write('my models/päckage/__init__.py', '')
    write('my models/päckage/parts.py', 'from ..later import ONE')
    write('my models/later.py', 'ONE = 1')
    write('my models/päckage/only_later.py', 'TWO = 2')
    write(
      'my models/päckage/größe.py',
      [
        'from tools import FACTOR',
        'from . import parts',
        'class Größe:',
        '    def __init__(self, dim=2):',
        '        from .only_later import TWO',
        '    def store(self, keys, values): self.values = values',
        '    def retrieve(self, queries): return self.values'
      ].join('\n')
    )
    write('test_models.py', 'raise RuntimeError("a test, no model")')
    const { models, errors } = await found()
    const mine = models.find(({ id }) => id === 'grosse-grosse')!
    expect(mine.python!.imports.map((file) => file.slice(folder.length + 1))).toEqual([
      'my models/later.py',
      'my models/päckage/__init__.py',
      'my models/päckage/only_later.py',
      'my models/päckage/parts.py',
      'tools.py'
    ])
    expect(errors.map(({ field }) => field)).toEqual(['NeedsMore'])
  })

  it('take choices of any kind, by what they stand for; what no form can ask for stays as Python has it', async () => {
    write(
      'choices.py',
      [
        'import enum',
        'from dataclasses import dataclass, field',
        'from typing import Literal, Optional',
        'class Mode(enum.Enum):',
        '    FAST = "fast"',
        '    SLOW = "slow"',
        '@dataclass',
        'class Mine:',
        '    dim: int = 4',
        '    mode: Mode = Mode.SLOW',
        '    level: Literal[1, 2, 4] = 2',
        '    rate: Optional[float] = 0.5',
        '    none: Optional[int] = None',
        '    large: int = 10**12',
        '    huge: int = 10**30',
        '    names: list = field(default_factory=list)',
        '    def store(self, keys, values):',
        '        assert self.mode is Mode.FAST and self.level == 4 and self.huge == 10**30 and self.names == []',
        '        self.values = values',
        '    def retrieve(self, queries): return self.values',
        'class ByPlace:',
        '    def __init__(this, dim, /, *more, rate=1.0, **others): this.given = (dim, rate)',
        '    def store(this, keys, values, /): this.values = values',
        '    def retrieve(this, queries, *_, **__): return [[float(x) for x in this.given]] * len(queries)'
      ].join('\n')
    )
    const { models, errors } = await found()
    const [mine, byPlace] = models.filter(({ file }) => file.endsWith('choices.py'))
    const shown = mine.python!.class.params.map((param) => [
      param.name,
      param.default,
      ...('options' in param ? [param.options] : [])
    ])
    expect(shown).toEqual([
      ['dim', 4],
      ['mode', 'SLOW', ['FAST', 'SLOW']],
      ['level', '2', ['1', '2', '4']],
      ['rate', 0.5],
      ['large', 1e12]
    ])
    expect(byPlace.python!.class.params.map(({ name }) => name)).toEqual(['dim', 'rate'])
    expect(errors.map(({ field }) => field)).toEqual(['NeedsMore'])
    const { options } = await plainPython()
    const python = pythonOf({ ...options, folder }, () => undefined)
    const rows = (name: string): NamedArray => ({ name, shape: [1, 1, 2], data: Float32Array.of(3, 4) })
    const make = (cls: string, params: object): number =>
      python.ask({ op: 'make', file: mine.file, class: cls, params, seeds: [0] }).header.handle as number
    const ask = (op: string, handle: number, ...arrays: NamedArray[]): unknown =>
      python.ask({ op, handle }, arrays).arrays.map(({ data }) => [...data])
    const one = make('Mine', { dim: 2, mode: 'FAST', level: '4', rate: 0.5 })
    ask('store', one, rows('keys'), rows('values'))
    expect(ask('retrieve', one, rows('queries'))).toEqual([[3, 4]])
    expect(ask('retrieve', make('ByPlace', { dim: 2, rate: 7 }), rows('queries'))).toEqual([[2, 7]])
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
