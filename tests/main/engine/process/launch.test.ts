import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { findEngine, findNode, startEngine } from '../../../../src-main/engine/process/launch.ts'
import type { EngineProcess, FromEngine } from '../../../../src-main/engine/protocol.ts'

const out = join(import.meta.dirname, '../../../../out')
const node = process.platform === 'win32' ? 'node.exe' : 'node'
const folder = mkdtempSync(join(tmpdir(), 'engram-launch-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Ready = Extract<FromEngine, { type: 'ready' }>
const options = { workers: 1, modelFolder: '', backend: 'auto' } as const
const readyOf = (engine: EngineProcess): Promise<Ready> =>
  new Promise((resolve, reject) => {
    engine.onMessage((message) => message.type === 'ready' && resolve(message))
    engine.onExit((_, detail) => reject(new Error(detail)))
  })

describe('the built engine', () => {
  const built = globSync(['engine/*.js', 'engine/parts/*.js'], { cwd: out })

  it('is found in out/ of a checkout, and beside the archive of a packaged app', () => {
    expect(findEngine(undefined)).toBe(join(out, 'engine'))
    expect(findEngine(folder)).toBe(join(out, 'engine'))
    mkdirSync(join(folder, 'engine'))
    writeFileSync(join(folder, 'engine/process.js'), '')
    expect(findEngine(folder)).toBe(join(folder, 'engine'))
  })

  it.each(built)('is JavaScript that Node accepts: %s', (file) => {
    const { status, stderr } = spawnSync(process.execPath, ['--check', join(out, file)], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })

  it('asks for no package but native ones', () => {
    const asked = built.flatMap((file) =>
      [
        ...readFileSync(join(out, file), 'utf8').matchAll(/^\s*(?:import|export)\b[^;'"]*?["']([^"'.][^"']*)["'];?$/gm)
      ].map(([, name]) => name)
    )
    expect(asked).toContain('node:path')
    expect(asked.filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))).toEqual([])
  })

  it('starts from a folder that has nothing above it, and computes on what lies inside', async () => {
    const alone = join(folder, 'alone')
    cpSync(join(out, 'engine'), alone, { recursive: true })
    const engine = startEngine(options, { node: process.execPath, folder: alone })
    try {
      const { backends, catalog } = await readyOf(engine)
      expect(backends.find(({ name }) => name === 'wasm')).toMatchObject({ available: true })
      expect(catalog.models.length).toBeGreaterThan(10)
    } finally {
      engine.kill()
    }
  })

  it('does not run as Electron would have it', async () => {
    vi.stubEnv('ELECTRON_RUN_AS_NODE', '1')
    // Stands for a Node: says what it was given.
    const program = join(folder, 'say')
    mkdirSync(program)
    writeFileSync(
      join(program, 'process.js'),
      `process.send({ type: 'ready', given: process.env.ELECTRON_RUN_AS_NODE })`
    )
    expect(await readyOf(startEngine(options, { node: process.execPath, folder: program }))).toEqual({ type: 'ready' })
    vi.unstubAllEnvs()
  })

  it('says why it did not live', async () => {
    const nowhere = startEngine(options, { node: join(folder, 'no-node'), folder: join(out, 'engine') })
    await expect(readyOf(nowhere)).rejects.toThrow('ENOENT')
  })
})

describe('finding a Node', () => {
  it('prefers the one that a packaged app brings, then that of the package', () => {
    expect(findNode(folder)).toMatch(/node_modules/)
    mkdirSync(join(folder, 'node'))
    writeFileSync(join(folder, 'node', node), '')
    expect(findNode(folder)).toBe(join(folder, 'node', node))
  })
})
