/**
 * `npm test`: build, lint, types, unit and end-to-end tests, the golden files on every backend that runs here, and an
 * installation as on another machine, with their counts; the last line is the sum. What uses one core, or waits for the
 * network, runs in pairs; all else one after the other. What the machine lacks is looked for first, and said again at the
 * end.
 */
import { mkdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { host } from './e2e/fixtures.ts'
import { needBrowser } from './e2e/browser.ts'
import { tryRow } from './install/try-install.ts'
import { startNpm } from '../src-main/hosts/terminal/npm.ts'
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

/** Where a suite's output goes: into view, or kept until the suite beside it has ended. */
type Out = (text: string) => void

interface Ended {
  ok: boolean
  said: string
}

/** Run an npm script to its end. */
function script(out: Out, name: string, args: readonly string[] = [], more: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
  const child = startNpm(npmRun(name, args), {
    cwd: root,
    env: { ...process.env, ...colour, ...more },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', out)
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text
    out(text)
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ ok: code === 0, said })))
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
async function unitWithTorch(out: Out): Promise<Counts> {
  const without = await needTorch()
  const found = await unit(out)
  if (without) out(`${without}\n`)
  return found
}

const step =
  (name: string) =>
  async (out: Out): Promise<Counts> =>
    (await script(out, name)).ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }

/** Which tests failed, said again at the end: what is said in between is long. */
const failures: string[] = []

/** The counts of a report; a suite that failed without a failed test (it could not start) counts as one. */
function counts<Report>({ ok }: Ended, file: string, read: (report: Report) => Counts & { names: string[] }): Counts {
  try {
    const { names, ...found } = read(JSON.parse(readFileSync(file, 'utf8')) as Report)
    failures.push(...names)
    return ok || found.failed > 0 ? found : { ...found, failed: 1 }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

/** A failed test: its file, its name, and the first line of what it said. */
const failure = (file: string, name: string, said = ''): string =>
  `failed: ${relative(root, file)}: ${name}: ${stripVTControlCharacters(said).split('\n')[0]}`

/** What Vitest reports. */
interface Vitest {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  testResults: {
    name: string
    message: string
    status: string
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
  }[]
}

const failedIn = ({ name, message, status, assertionResults }: Vitest['testResults'][number]): string[] => {
  const failed = assertionResults.filter((test) => test.status === 'failed')
  if (failed.length) return failed.map((test) => failure(name, test.fullName, test.failureMessages[0]))
  return status === 'failed' ? [failure(name, 'the file', message)] : []
}

/** What Playwright reports: suites within suites. */
interface Playwright {
  specs?: { file: string; title: string; ok: boolean; tests: { results: { error?: { message?: string } }[] }[] }[]
  suites?: Playwright[]
}

const failedUnder = ({ specs = [], suites = [] }: Playwright): string[] => [
  ...specs.flatMap(({ file, title, ok, tests }) =>
    ok ? [] : [failure(file, title, tests[0]?.results.find(({ error }) => error)?.error?.message)]
  ),
  ...suites.flatMap(failedUnder)
]

async function unit(out: Out, name = 'unit', only: readonly string[] = []): Promise<Counts> {
  const file = join(results, `${name}.json`)
  const ended = await script(out, 'unit', [
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    ...only
  ])
  return counts(ended, file, (report: Vitest) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests,
    names: report.testResults.flatMap(failedIn)
  }))
}

/** One of Playwright's projects; its own results lie in a folder of its own, which it empties. */
async function endToEnd(out: Out, project: string): Promise<Counts> {
  if (browser && 'problem' in browser) return { passed: 0, failed: 1 }
  const file = join(results, `${project}.json`)
  const args = [`--project=${project}`, `--output=${join(results, project)}`, '--reporter=list,json']
  const ended = await script(out, 'e2e', args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file })
  return counts(
    ended,
    file,
    (report: Playwright & { stats: { expected: number; unexpected: number; flaky: number; skipped: number } }) => ({
      passed: report.stats.expected,
      failed: report.stats.unexpected + report.stats.flaky,
      skipped: report.stats.skipped,
      names: failedUnder(report)
    })
  )
}

/** Hold every model to the golden files, as `npm run verify -- tests/golden` does. */
async function golden(out: Out, args: readonly string[]): Promise<Counts> {
  const { said } = await script(out, 'verify', ['tests/golden', ...args])
  failures.push(...said.split('\n').filter((line) => line.startsWith('fail ')))
  const sum = /(\d+) passed, (\d+) failed\n$/.exec(said)
  return sum ? { passed: Number(sum[1]), failed: Number(sum[2]) } : { passed: 0, failed: 1 }
}

/** On a GPU, or on what computes as one would: its kernels and training, then the golden files. */
async function onGpu(out: Out): Promise<Counts> {
  const found = async () => (await probeBackends()).find(({ name }) => name === 'webgpu')
  let webgpu = await found()
  if (!webgpu?.available && softwareVulkan) {
    Object.assign(process.env, softwareVulkan)
    webgpu = await found()
  }
  if (webgpu?.available) {
    const files = ['backends/webgpu', 'kernels/webgpu', 'kernels/fused-ops', 'worker/training/course']
    const [kernels, whole] = [
      await unit(out, 'webgpu', files),
      await golden(out, ['--backend', 'webgpu', '--batch', '3'])
    ]
    return { passed: kernels.passed + whole.passed, failed: kernels.failed + whole.failed }
  }
  out(`Nothing here speaks WebGPU: ${webgpu?.reason ?? 'no reason given'}\n`)
  return { passed: 0, failed: 0, skipped: 1 }
}

/** The one row of `npm run try-install` that every change can afford: npm before it knew `allowScripts`. */
async function install(out: Out): Promise<Counts> {
  const { ok, said, offline } = await tryRow({ node: '22.23.3', npm: '10.9.9', from: 'clone' })
  out(`${said}\n`)
  if (offline) return { passed: 0, failed: 0, skipped: 1 }
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

type Suite = [name: string, run: (out: Out) => Promise<Counts>]

/** Those of one row run beside each other: each of them leaves a core of two free. */
const rows: Suite[][] = [
  [['build', step('build')]],
  [
    ['lint', step('lint')],
    ['types', step('types')]
  ],
  [['unit', unitWithTorch]],
  [[`e2e (${host})`, (out) => endToEnd(out, 'web')]],
  [[`desktop (${host === 'electron' ? 'electron' : 'stand-in'})`, (out) => endToEnd(out, 'desktop')]],
  [
    ['golden (wasm)', (out) => golden(out, ['--backend', 'wasm'])],
    ['golden (cpu)', (out) => golden(out, ['--backend', 'cpu'])]
  ],
  [
    ['webgpu', onGpu],
    ['install (22/10)', install]
  ]
]

for (const sentence of lacking) process.stdout.write(`${sentence}\n`)
rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
const began = performance.now()
const secondsSince = (start: number): number => Math.round((performance.now() - start) / 1000)
const lines: string[] = []
const sum = { passed: 0, failed: 0 }
for (const row of rows) {
  const under = row.map(async ([name, run], i) => {
    const start = performance.now()
    const kept: string[] = []
    const first = i === 0
    if (first) process.stdout.write(`\n== ${name}\n`)
    const counted = await run(first ? (text) => process.stdout.write(text) : (text) => kept.push(text))
    return { name, kept, counted, seconds: secondsSince(start) }
  })
  for (const ended of under) {
    const { name, kept, counted, seconds } = await ended
    const { passed, failed, skipped } = counted
    if (ended !== under[0]) process.stdout.write(`\n== ${name}\n${kept.join('')}`)
    sum.passed += passed
    sum.failed += failed
    const left = skipped ? `, ${skipped} skipped` : ''
    lines.push(`${name.padEnd(16)} ${passed} passed, ${failed} failed${left}, ${seconds} s`)
  }
}
lines.push(`${'all'.padEnd(16)} ${secondsSince(began)} s`)
process.stdout.write(
  `\n${[...lines, ...lacking, ...failures].join('\n')}\n${sum.passed} passed, ${sum.failed} failed\n`
)
process.exitCode = sum.failed === 0 ? 0 : 1
