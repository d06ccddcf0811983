/**
 * One row of the table of `npm run try-install`: a newcomer's machine with a Node and an npm of its own, in a folder with
 * a space and umlauts. `npm ci`, `npm start` to the link, the quickstart over the contract, and the end.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { npm } from '../../src-main/hosts/terminal/npm.ts'
import { connectTo, projectRoot } from '../e2e/server.ts'

export interface Row {
  /** Versions of the npm packages `node` and `npm`. */
  node: string
  npm: string
  /** A clone of what is committed, or a copy of the files as an archive has them, without .git. */
  from: 'clone' | 'archive'
  /** The sentence that must end `npm ci`, where this Node is too old. */
  refusal?: RegExp
  /** Take the packages' own Node away after `npm ci`, as where there is none for the system. */
  ownNode?: true
}

export interface Tried {
  ok: boolean
  /** What happened, in a few words. */
  said: string
  /** The registry could not be reached: nothing was tried. */
  offline?: true
}

const network = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/

export async function tryRow(row: Row): Promise<Tried> {
  const folder = mkdtempSync(join(tmpdir(), 'engram install ü '))
  const children: ChildProcess[] = []
  try {
    const tools = join(folder, 'tools')
    const got = installTools(tools, row)
    if (got !== undefined)
      return network.test(got)
        ? { ok: false, said: 'the registry could not be reached', offline: true }
        : { ok: false, said: `node and npm: ${lastLine(got)}` }
    const clone = join(folder, 'Engram Stüdio')
    takeSources(clone, row.from)
    const env = newcomer(join(tools, 'node_modules/.bin'))
    const ci = await run(['ci'], clone, env)
    if (row.refusal) {
      const told = ci.said.split('\n').filter((line) => row.refusal!.test(line))
      const right = ci.code !== 0 && told.length === 1
      return { ok: right, said: right ? told[0].replace(/^npm (error|ERR!) /, '') : `npm ci: ${lastLine(ci.said)}` }
    }
    if (ci.code !== 0) return { ok: false, said: `npm ci: ${lastLine(ci.said)}` }
    if (row.ownNode)
      for (const name of ['node', '.bin/node']) rmSync(join(clone, 'node_modules', name), { recursive: true })
    return await tryStart(clone, join(folder, 'dätä'), env, children)
  } catch (error) {
    return { ok: false, said: (error as Error).message }
  } finally {
    for (const child of children) end(child, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

/** @returns what npm said when it could not install them */
function installTools(folder: string, row: Row): string | undefined {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { node: true } }))
  const { status, stderr } = npm(
    ['install', '--no-audit', '--no-fund', '--prefix', folder, `node@${row.node}`, `npm@${row.npm}`],
    { encoding: 'utf8', cwd: folder }
  )
  return status === 0 ? undefined : String(stderr)
}

function takeSources(to: string, from: Row['from']): void {
  if (from === 'clone') {
    const { status, stderr } = spawnSync('git', ['clone', '--quiet', projectRoot, to], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`git clone: ${lastLine(stderr)}`)
    return
  }
  const left = ['node_modules', 'out', 'dist', 'test-results', 'playwright-report', '.git'].map((name) =>
    join(projectRoot, name)
  )
  cpSync(projectRoot, to, { recursive: true, filter: (path) => !left.includes(path) })
}

/** What npm and Node write into the environment of a script, and what would make a desktop of this machine. */
const ours =
  /^(npm_(package|lifecycle|node|execpath|command|config_(user_agent|prefix|local_prefix|global_prefix|node_gyp|npm_version|noproxy|init_module))|NODE_(OPTIONS|PATH|ENV|COMPILE_CACHE)|INIT_CWD$|VITEST|DISPLAY$|WAYLAND_DISPLAY$|XDG_RUNTIME_DIR$|PATH$)/i

/** What a shell would have; how the registry is reached stays, and npm's cache, so that a table costs one download. */
function newcomer(bin: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(process.env)) if (!ours.test(name)) env[name] = value
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => basename(folder) !== '.bin')
  return { ...env, PATH: [bin, ...path].join(delimiter) }
}

function npmOf(args: string[], cwd: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn('npm', args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    detached: process.platform !== 'win32'
  })
}

function run(args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = npmOf(args, cwd, env)
    let said = ''
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.once('error', (error) => resolve({ code: 1, said: error.message }))
    child.once('close', (code) => resolve({ code, said }))
  })
}

/** Start the studio, run the quickstart in it, and end it as `kill` does. */
async function tryStart(clone: string, data: string, env: NodeJS.ProcessEnv, children: ChildProcess[]): Promise<Tried> {
  const child = npmOf(['start', '--', '--data', data], clone, env)
  children.push(child)
  let said = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const gone = new Promise<void>((done) => child.once('close', () => done()))
  const link = await until(120_000, () => /http:\S+#token=\S+/.exec(said)?.[0] ?? (child.exitCode !== null && ''))
  if (!link) return { ok: false, said: `npm start: ${lastLine(said)}` }
  const { origin } = new URL(link)
  const client = await connectTo({ link, origin })
  const experiment = JSON.parse(readFileSync(join(clone, 'resources/experiments/quickstart.json'), 'utf8'))
  const { id } = await client.call('runs.start', { experiment })
  const run = await until(180_000, async () => {
    const now = await client.call('runs.get', { id })
    return ['done', 'failed', 'cancelled', 'interrupted'].includes(now.status) && now
  })
  const info = await client.call('studio.info', {})
  client.close()
  end(child, 'SIGTERM')
  const ended = await until(20_000, async () => Promise.race([gone.then(() => true), pause(200).then(() => false)]))
  const closed =
    ended &&
    !(await fetch(origin).then(
      () => true,
      () => false
    ))
  if (!run || run.status !== 'done')
    return { ok: false, said: `quickstart: ${run ? run.status : 'no end within 3 min'}` }
  if (!closed) return { ok: false, said: 'npm start did not end' }
  return { ok: true, said: `${run.done} trials on Node ${info.node}` }
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** The first answer that is neither false nor undefined, within a time. */
async function until<T>(ms: number, ask: () => T | Promise<T>): Promise<Exclude<T, false> | undefined> {
  for (const end = Date.now() + ms; Date.now() < end; await pause(200)) {
    const answer = await ask()
    if (answer !== false && answer !== undefined) return answer as Exclude<T, false>
  }
  return undefined
}

/** A signal to npm and, where groups are, to all that it started: as a terminal sends it. */
function end(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (signal === 'SIGKILL' && process.platform !== 'win32' && child.pid) process.kill(-child.pid, signal)
    else child.kill(signal)
  } catch {
    // It is gone.
  }
}

const lastLine = (text: string): string =>
  text
    .trim()
    .split('\n')
    .filter((line) => !/complete log of this run|^npm (error|ERR!)\s*$|^\s+\/.*\.log$/.test(line))
    .slice(-3)
    .join(' | ')
