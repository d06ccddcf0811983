/** The packed app under test, in Electron where its runtime is, else in the stand-in. The specs do not know which. */
import { _electron, expect, test as base, type Browser, type ElectronApplication, type Page } from '@playwright/test'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as Electron from 'electron'
import { electron, obstacle, program } from './stand-in/pack.ts'
import { Screen } from './stand-in/screen.ts'

type Module = typeof Electron

export interface Desktop {
  pid: number
  /** The newest window's page, once it shows something. */
  page(): Promise<Page>
  /** Run a function in the app's own process, over the module `electron`; nothing of the spec's is in its reach. */
  evaluate<R, A = undefined>(run: (electron: Module, argument: A) => R | Promise<R>, argument?: A): Promise<R>
  /** What it wrote to its terminal. */
  said(): string
  /** How it ended. */
  ended: Promise<number | null>
  /** End it as a signal would. */
  stop(): Promise<void>
}

async function inElectron(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Desktop> {
  const app: ElectronApplication = await _electron.launch({
    executablePath: program,
    args: [...args],
    env: env as never
  })
  const child = app.process()
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    pid: child.pid!,
    page: async () => app.windows().at(-1) ?? app.firstWindow(),
    evaluate: (run, argument) => app.evaluate(run as never, argument) as never,
    said: () => said,
    ended,
    async stop() {
      child.kill('SIGTERM')
      await ended
    }
  }
}

/** How long an app that was told to end may take. */
const graceMs = 15_000

async function inStandIn(browser: Browser, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Desktop> {
  const child = spawn(program, [...args], { env, serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let said = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const screen = await Screen.open(browser, (letter) => void (child.connected && child.send(letter, () => {})))
  child.on('message', (letter) => void screen.wire.hear(letter as never))
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      void screen.close().then(() => resolve(code))
    })
  )
  return {
    pid: child.pid!,
    page: () =>
      Promise.race([
        screen.page(),
        ended.then((code) => {
          throw new Error(`The app ended with ${code}: ${said}`)
        })
      ]),
    evaluate: (run, argument) => screen.wire.ask({ kind: 'evaluate', source: run.toString(), argument }),
    said: () => said,
    ended,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await ended
      clearTimeout(timer)
    }
  }
}

/** The processes that a process has started, by their command lines. */
export function children(pid: number): { pid: number; command: string }[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, child, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
      return Number(parent) === pid ? [{ pid: Number(child), command }] : []
    })
}

/** Whether a process computes on; one that has ended and whose parent has not asked for its end does not. */
export function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}

interface Fixtures {
  /** A data folder of the test's own. */
  dataFolder: string
  /** Start the packed app; what still runs when the test ends is ended. */
  launch(dataFolder: string, options?: { env?: NodeJS.ProcessEnv; args?: readonly string[] }): Promise<Desktop>
}

export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern
  dataFolder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'engram-desktop-'))
    await use(folder)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  },
  launch: async ({ browser, dataFolder }, use, info) => {
    info.skip(obstacle !== undefined, obstacle)
    const started: Desktop[] = []
    await use(async (folder, { env = {}, args = [] } = {}) => {
      const given = [...args, '--data', folder]
      const whole = { ...process.env, ...env }
      const app = electron ? await inElectron(given, whole) : await inStandIn(browser, given, whole)
      started.push(app)
      return app
    })
    await Promise.all(started.map((app) => app.stop()))
    void dataFolder
  }
})

export { expect }
