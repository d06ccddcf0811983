/**
 * `npm test`: build, lint, types, unit and end-to-end tests, the golden files on every backend that runs here, and an
 * installation as on another machine, one after the other, with their counts; the last line is the sum. What the machine
 * lacks is looked for first, and said again at the end.
 */
import { mkdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { host } from './e2e/fixtures.ts'
import { needBrowser } from './e2e/browser.ts'
import { tryRow } from './install/try-install.ts'
import { npm } from '../src-main/hosts/terminal/npm.ts'
import { needTorch } from './support/python.ts'
import { needRedis } from './support/redis.ts'
import { softwareVulkan } from './support/software-vulkan.ts'
import { probeBackends } from '../src-main/engine/process/probes.ts'

const root = join(import.meta.dirname, '..')
const results = join(root, 'test-results')

interface Counts {
  passed: number
  failed: number
  skipped?: number
}

const npmRun = (script: string, args: readonly string[]): string[] => [
  'run',
  '--silent',
  script,
  ...(args.length ? ['--', ...args] : [])
]

/** Run an npm script in full view. */
function inView(script: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): boolean {
  const { status } = npm(npmRun(script, args), { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  return status === 0
}

/** What the machine lacks, as sentences. */
const lacking: string[] = []

const neededBytes = 2 ** 30
const { bavail, bsize } = statfsSync(tmpdir())
if (bavail * bsize < neededBytes)
  lacking.push(
    `${tmpdir()} has ${Math.round((bavail * bsize) / 2 ** 20)} MB left; the tests need 1 GB there, or a roomier folder named in TMPDIR.`
  )
const browser = host === 'electron' ? undefined : needBrowser()
if (browser && 'problem' in browser) lacking.push(browser.problem)
const withoutQueue = needRedis()
if (withoutQueue) lacking.push(withoutQueue)

/** With the engine built: the bridge to Python lies beside it. */
async function unitWithTorch(): Promise<Counts> {
  const without = await needTorch()
  const found = unit()
  if (without) process.stdout.write(`${without}\n`)
  return found
}

const step = (script: string) => (): Counts => (inView(script) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })

/** The counts of a report; a suite that failed without a failed test (it could not start) counts as one. */
function counts(succeeded: boolean, file: string, read: (report: never) => Counts): Counts {
  try {
    const found = read(JSON.parse(readFileSync(file, 'utf8')) as never)
    return succeeded || found.failed > 0 ? found : { ...found, failed: 1 }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

function unit(): Counts {
  const file = join(results, 'unit.json')
  const succeeded = inView('unit', ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`])
  return counts(
    succeeded,
    file,
    (report: { numPassedTests: number; numFailedTests: number; numPendingTests: number }) => ({
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests
    })
  )
}

/** One of Playwright's projects; its own results lie in a folder of its own, which it empties. */
function endToEnd(project: string): Counts {
  if (browser && 'problem' in browser) return { passed: 0, failed: 1 }
  const file = join(results, `${project}.json`)
  const args = [`--project=${project}`, `--output=${join(results, project)}`, '--reporter=list,json']
  const succeeded = inView('e2e', args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file })
  return counts(
    succeeded,
    file,
    ({ stats }: { stats: { expected: number; unexpected: number; flaky: number; skipped: number } }) => ({
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped
    })
  )
}

/** Hold every model to the golden files, as `npm run verify -- tests/golden` does. */
function golden(args: readonly string[]): Counts {
  const ran = npm(npmRun('verify', ['tests/golden', ...args]), { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const stdout = ran.stdout.toString()
  process.stdout.write(stdout)
  const sum = /(\d+) passed, (\d+) failed\n$/.exec(stdout)
  return sum ? { passed: Number(sum[1]), failed: Number(sum[2]) } : { passed: 0, failed: 1 }
}

async function goldenOnGpu(): Promise<Counts> {
  const found = async () => (await probeBackends()).find(({ name }) => name === 'webgpu')
  let webgpu = await found()
  if (!webgpu?.available && softwareVulkan) {
    Object.assign(process.env, softwareVulkan)
    webgpu = await found()
  }
  if (webgpu?.available) return golden(['--backend', 'webgpu', '--batch', '3'])
  process.stdout.write(`Nothing here speaks WebGPU: ${webgpu?.reason ?? 'no reason given'}\n`)
  return { passed: 0, failed: 0, skipped: 1 }
}

/** The one row of `npm run try-install` that every change can afford: npm before it knew `allowScripts`. */
async function install(): Promise<Counts> {
  const { ok, said, offline } = await tryRow({ node: '22.23.3', npm: '10.9.9', from: 'clone' })
  process.stdout.write(`${said}\n`)
  if (offline) return { passed: 0, failed: 0, skipped: 1 }
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

const suites: [string, () => Counts | Promise<Counts>][] = [
  ['build', step('build')],
  ['lint', step('lint')],
  ['types', step('types')],
  ['unit', unitWithTorch],
  [`e2e (${host})`, () => endToEnd('web')],
  [`desktop (${host === 'electron' ? 'electron' : 'stand-in'})`, () => endToEnd('desktop')],
  ['golden (wasm)', () => golden(['--backend', 'wasm'])],
  ['golden (cpu)', () => golden(['--backend', 'cpu'])],
  ['golden (webgpu)', goldenOnGpu],
  ['install (22/10)', install]
]

for (const sentence of lacking) process.stdout.write(`${sentence}\n`)
rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
const lines: string[] = []
const sum = { passed: 0, failed: 0 }
for (const [name, run] of suites) {
  const started = performance.now()
  process.stdout.write(`\n== ${name}\n`)
  const { passed, failed, skipped } = await run()
  sum.passed += passed
  sum.failed += failed
  const seconds = Math.round((performance.now() - started) / 1000)
  lines.push(
    `${name.padEnd(16)} ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}, ${seconds} s`
  )
}
process.stdout.write(`\n${[...lines, ...lacking].join('\n')}\n${sum.passed} passed, ${sum.failed} failed\n`)
process.exitCode = sum.failed === 0 ? 0 : 1
