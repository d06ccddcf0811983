import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { WebSocket } from 'ws'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { isStale } from '../../src-main/hosts/packaging/stale.ts'

vi.setConfig({ testTimeout: 120_000 })

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'engram start ü '))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})
const headless: NodeJS.ProcessEnv = { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', XDG_RUNTIME_DIR: '' }
const guarded = (file: string, ...args: string[]): string[] => [
  join(root, 'src-main/guard.js'),
  join(root, 'src-main', file),
  ...args
]

describe('npm start', () => {
  const start = (...args: string[]) =>
    spawnSync(process.execPath, guarded('start.ts', ...args), { encoding: 'utf8', env: headless })

  it('has help', () => {
    const { status, stdout, stderr } = start('--help')
    expect([status, stderr]).toEqual([0, ''])
    for (const word of ['--data', '--port', '--browser', '--fetch']) expect(stdout).toContain(word)
  })
  it.each([
    [['foo'], /foo/],
    [['--nonsense'], /--nonsense/],
    [['--port'], /--port/],
    [['--port', 'abc'], /\(--port\)/],
    [['--port', '70000'], /\(--port\)/],
    [['--port', '-1'], /--port/],
    [['--data', ''], /\(--data\)/]
  ])('refuses %j in one line, before anything is built or started', (args, about) => {
    const { status, stdout, stderr } = start(...args)
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^bad-input: .*\n$/)
    expect(stderr).toMatch(about)
  })
})

/** A started program, once it printed its link. */
async function started(
  file: string,
  ...args: string[]
): Promise<{ child: ChildProcess; link: string; said: () => string }> {
  const child = spawn(process.execPath, guarded(file, ...args), { env: headless })
  children.push(child)
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await expect.poll(() => /http:\S+#token=\S+\s/.test(said) || child.exitCode !== null, { timeout: 100_000 }).toBe(true)
  const link = /http:\S+#token=\S+/.exec(said)?.[0]
  if (!link) throw new Error(said)
  return { child, link, said: () => said }
}

const tokenOf = (link: string): string => link.slice(link.indexOf('#token=') + '#token='.length)

/** What a page at `origin` gets when it makes a call: its result, or the status that refuses its socket. */
function callFrom(origin: string, address: string, token: string): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${address.replace('http', 'ws')}/socket`, { headers: { origin } })
    socket.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode))
    socket.on('error', () => resolve('refused'))
    socket.on('close', resolve)
    socket.on('open', () => {
      socket.send(JSON.stringify({ token }))
      socket.send(JSON.stringify({ id: 1, name: 'studio.info', input: {} }))
    })
    socket.on('message', (data) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result: unknown }
      if (id !== 1) return
      resolve(result)
      socket.close()
    })
  })
}
const info = { ok: true, value: { host: 'serve' } }
const ended = (child: ChildProcess): Promise<unknown> => new Promise((done) => child.once('exit', done).kill('SIGTERM'))

it.skipIf(!existsSync(join(root, 'out/renderer')))(
  'npm start without a display serves the studio, says why in one sentence, and does not claim to have opened a browser',
  async () => {
    const { child, link, said } = await started('start.ts', '--data', join(folder, 'ünusual data'))
    expect(said()).toMatch(/^No desktop window: this machine has no display\.$/m)
    await expect.poll(said).toContain('Open the link in a browser.\n')
    expect(said()).not.toContain('opens in the browser')
    const { origin } = new URL(link)
    expect(await callFrom(origin, origin, tokenOf(link))).toMatchObject(info)
    await ended(child)
    expect(child.exitCode).toBe(0)
  }
)

describe('npm run dev', () => {
  it('serves the sources and hands calls on to the studio, from its own page alone', async () => {
    const { child, link } = await started('dev.ts', '--data', join(folder, 'dev'))
    const { origin } = new URL(link)
    expect((await fetch(origin)).headers.get('set-cookie')).toBeNull()
    expect(await (await fetch(`${origin}/`)).text()).toContain('/@vite/client')
    expect((await fetch(`${origin}/main.ts`)).headers.get('content-type')).toContain('javascript')
    expect(await callFrom('http://evil.example', origin, tokenOf(link))).not.toMatchObject(info)
    expect(await callFrom(origin, origin, 'none')).not.toMatchObject(info)
    expect(await callFrom(origin, origin, tokenOf(link))).toMatchObject(info)
    await ended(child)
  })
  it('refuses a folder without a name', () => {
    const { status, stderr } = spawnSync(process.execPath, guarded('dev.ts', '--data', ''), { encoding: 'utf8' })
    expect(status).toBe(2)
    expect(stderr).toMatch(/^bad-input: .*\(--data\)\n$/)
  })
})

describe('isStale', () => {
  const tree = join(folder, 'tree')
  const at = (file: string, seconds: number): void => {
    const path = join(tree, file)
    mkdirSync(dirname(path), { recursive: true })
    if (!existsSync(path)) writeFileSync(path, '')
    utimesSync(path, seconds, seconds)
  }
  const age = (): void => {
    for (const name of ['src-main/hosts', 'src-main']) utimesSync(join(tree, name), 1, 1)
  }
  it('asks for a build when something is missing, changed or gone, and only then', () => {
    at('src-main/hosts/a.ts', 100)
    at('src-main/hosts/b.ts', 100)
    age()
    expect(isStale(tree)).toBe(true)
    for (const file of ['engine/process.js', 'main/desktop.js', 'preload/preload.cjs', 'renderer/index.html'])
      at(`out/${file}`, 200)
    expect(isStale(tree)).toBe(false)
    at('src-main/hosts/a.ts', 300)
    expect(isStale(tree)).toBe(true)
    at('src-main/hosts/a.ts', 100)
    expect(isStale(tree)).toBe(false)
    rmSync(join(tree, 'src-main/hosts/b.ts'))
    expect(statSync(join(tree, 'src-main/hosts')).mtimeMs).toBeGreaterThan(300_000)
    expect(isStale(tree)).toBe(true)
  })
})
