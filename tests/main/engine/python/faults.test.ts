/** Models of the user's Python that go wrong, in a real engine: each ends its own trials, and no others. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EngineDriver } from '../../../support/engine-driver.ts'
import type { TrialOutcome } from '../../../../src-shared/shapes/outcome.ts'

const folder = join(import.meta.dirname, 'faulty')
const python = { interpreter: 'python3', device: 'cpu', limitSeconds: 2, memoryMiB: 2048 }
const seeds = 8
const kinds = [
  'good',
  'raises',
  'raises-sometimes',
  'wrong-shape',
  'not-a-number',
  'sleeps',
  'exits',
  'dies',
  'prints',
  'eats',
  'segfaults',
  'forks',
  'leaves-a-child',
  'closes',
  'hoards',
  'recurses'
]
let engine: EngineDriver
let outcomes: Map<string, TrialOutcome[]>
let log: string[]

beforeAll(async () => {
  engine = new EngineDriver({ modelFolder: folder, workers: 2, python })
  const runId = await engine.run({
    task: { kind: 'capacity', params: { dim: 8, items: 3 } },
    models: kinds.map((kind) => ({ kind: `faulty-${kind}` })),
    seeds: { first: 0, count: seeds }
  })
  expect(await engine.end(runId)).toMatchObject({ how: 'done', error: null })
  log = engine.log(runId)
  const all = engine.outcomes(runId)
  outcomes = new Map(kinds.map((kind, cell) => [kind, all.filter((outcome) => outcome.cell === cell)]))
}, 240_000)
afterAll(() => engine.process.kill())

/** What a class has started and left. */
const sleepers = (): string[] =>
  readdirSync('/proc').flatMap((name) => {
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8')
      return command.includes('import time; time.sleep(600)') ? [name] : []
    } catch {
      return []
    }
  })

const statuses = (kind: string): string[] => [...new Set(outcomes.get(kind)!.map(({ status }) => status))].sort()
const errorsOf = (kind: string): string[] =>
  outcomes.get(kind)!.flatMap(({ error }) => (error ? [`${error.code} ${error.message} ${error.cause ?? ''}`] : []))

describe("a model of the user's Python", () => {
  it('that works computes beside all that do not', () => {
    expect(statuses('good')).toEqual(['done'])
    for (const { metrics } of outcomes.get('good')!) expect(metrics.accuracy).toBe(1)
    for (const kind of kinds) expect(outcomes.get(kind)).toHaveLength(seeds)
  })

  it('that raises fails with its own traceback, the user’s lines first', () => {
    expect(statuses('raises')).toEqual(['failed'])
    const { error } = outcomes.get('raises')![0]
    expect(error).toMatchObject({ code: 'model-failed', message: 'RuntimeError: the moon is wrong.' })
    const lines = error!.cause!.split('\n')
    expect(lines[0]).toContain(join(folder, 'faulty.py'))
    expect(lines.join('\n')).toContain('in go_wrong')
    expect(lines.at(-1)).toBe('RuntimeError: the moon is wrong')
    expect(error!.cause).not.toContain('engram_bridge')
  })

  it('that raises in some trials fails in those alone', () => {
    expect(statuses('raises-sometimes')).toEqual(['done', 'failed'])
    for (const text of errorsOf('raises-sometimes')) expect(text).toContain('bad luck')
  })

  it('that gives another shape fails, and one that gives no number diverges', () => {
    expect(statuses('wrong-shape')).toEqual(['failed'])
    expect(errorsOf('wrong-shape')[0]).toContain('shape [1, 3] where [3, any] is due')
    expect(statuses('not-a-number')).toEqual(['diverged'])
  })

  it('that never answers, leaves, dies or eats the memory fails, and Python starts again', () => {
    expect(statuses('sleeps')).toEqual(['failed'])
    expect(errorsOf('sleeps')[0]).toContain('did not answer within 2 seconds')
    expect(statuses('exits')).toEqual(['failed'])
    expect(errorsOf('exits')[0]).toContain('SystemExit: 3')
    expect(statuses('dies')).toEqual(['failed'])
    expect(errorsOf('dies')[0]).toContain('exit code 7')
  })

  // Other systems have no limit that they enforce.
  it.skipIf(process.platform !== 'linux')('that eats more memory than it may have fails', () => {
    expect(statuses('eats')).toEqual(['failed'])
    expect(errorsOf('eats')[0]).toContain('MemoryError')
  })

  it.skipIf(process.platform === 'win32')('that crashes fails with where it was, the user’s lines first', () => {
    expect(statuses('segfaults')).toEqual(['failed'])
    expect(errorsOf('segfaults')[0]).toContain('SIGSEGV')
    expect(errorsOf('segfaults')[0]).toMatch(/faulty\.py", line \d+ in go_wrong/)
    expect(errorsOf('sleeps')[0]).toMatch(/faulty\.py", line \d+ in go_wrong/)
    expect(errorsOf('segfaults')[0]).not.toContain('engram_bridge')
  })

  it('that copies its process is asked and answered once, and what it has started ends with it', () => {
    expect(statuses('forks')).toEqual(['done'])
    expect(statuses('leaves-a-child')).toEqual(['failed'])
    expect(errorsOf('leaves-a-child')[0]).toContain('exit code 8')
    if (process.platform === 'linux') expect(sleepers()).toEqual([])
  })

  it('that closes what it prints to, recurses without end or says what is no text fails alone', () => {
    expect(errorsOf('closes')[0]).toContain('is no letter')
    expect(errorsOf('recurses')[0]).toContain('RecursionError')
    expect(errorsOf('recurses')[0].length).toBeLessThan(21_000)
  })

  // Other systems have no limit that they enforce.
  it.skipIf(process.platform !== 'linux')('that keeps the memory of its Python fails, and no other one there', () => {
    expect(statuses('hoards')).toContain('failed')
    for (const kind of ['good', 'forks', 'prints']) expect(statuses(kind)).toEqual(['done'])
  })

  it('that prints megabytes computes, and what it printed last is in the run’s log, not all of it', () => {
    expect(statuses('prints')).toEqual(['done'])
    const said = log.filter((text) => text.includes('faulty-prints printed'))
    expect(said.length).toBeGreaterThan(0)
    for (const text of said) expect(text.length).toBeLessThan(25_000)
    expect(said.join('\n')).toContain('the last words')
    expect(said.join('\n')).toContain('are left out')
  })
})

describe('a folder with Python files', () => {
  const root = mkdtempSync(join(tmpdir(), 'engram-python-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  it('says what to install where there is no Python, and everything else works', async () => {
    writeFileSync(join(root, 'mine.py'), 'class A: pass')
    const none = new EngineDriver({ modelFolder: root, python: { ...python, interpreter: join(root, 'nowhere') } })
    try {
      const { errors, catalog } = await none.ready()
      expect(errors).toMatchObject([{ code: 'not-supported', file: join(root, 'mine.py') }])
      expect(errors[0].message).toMatch(/Install Python 3\.9/)
      expect(catalog.python).toBeUndefined()
      expect(await none.ask('python', null)).toEqual({ missing: errors[0].message })
      const runId = await none.run({
        task: { kind: 'capacity', params: { dim: 8, items: 3 } },
        models: [{ kind: 'linear-associator' }],
        seeds: { first: 0, count: 2 }
      })
      expect(await none.end(runId)).toMatchObject({ how: 'done' })
    } finally {
      none.process.kill()
    }
  }, 120_000)
})
