/**
 * `npm run cluster-test`: an experiment on a real Slurm of one node: submitted, a task of it killed, what is missing
 * submitted again, gathered in between and at the end, and held to what this computer gives, to the last bit.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Gathered, Submitted } from '../../src-main/hosts/terminal/slurm.ts'
import type { RunResult } from '../../src-main/hosts/terminal/results.ts'
import type { SlurmStatus } from '../../src-main/places/slurm/status.ts'
import { needCluster, startCluster } from '../support/cluster.ts'

const problem = needCluster()
if (problem) {
  process.stdout.write(`${problem}\n`)
  process.exit(1)
}
const folder = mkdtempSync(join(tmpdir(), 'engram-cluster-'))
const cli = join(import.meta.dirname, '../../src-main/cli.ts')
let checks = 0
function holds(what: string, is: unknown, wanted: unknown): void {
  checks++
  if (isDeepStrictEqual(is, wanted)) return void process.stdout.write(`passed  ${what}\n`)
  process.stdout.write(
    `FAILED  ${what}: ${JSON.stringify(is)?.slice(0, 500)}, not ${JSON.stringify(wanted)?.slice(0, 500)}\n`
  )
  process.exitCode = 1
}

function engram<T>(...args: string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(out) as T) : reject(new Error(`engram ${args[0]}: ${code}: ${err}`))
    )
  })
}
/** The cluster has nothing any more. */
async function idle(): Promise<void> {
  while (spawnSync('squeue', ['-h'], { encoding: 'utf8' }).stdout.trim()) await wait(500)
}

const experiment = join(folder, 'experiment.json')
writeFileSync(
  experiment,
  JSON.stringify({
    format: 'engram-experiment/1',
    name: 'On a cluster',
    task: { kind: 'capacity', params: { dim: 32 } },
    models: [{ kind: 'linear-associator' }, { kind: 'hopfield' }],
    sweep: [{ param: 'task.items', values: [2, 8, 16] }],
    seeds: { first: 0, count: 40 },
    backend: 'wasm'
  })
)
const at = join(folder, 'on the cluster')
const data = join(folder, 'data')
mkdirSync(join(folder, 'slurm'))
const stop = await startCluster(join(folder, 'slurm'))
try {
  const submitted = await engram<Submitted>('submit', experiment, '--slurm', at, '--tasks', '3', '--data', data)
  holds('sbatch gives a job', /^\d+$/.test(submitted.job ?? ''), true)
  holds('the batches are grouped into the tasks that were asked for', submitted.tasks, [0, 2])
  const outcomes = (): string[] => readdirSync(join(at, 'outcomes')).filter((name) => name.endsWith('.json'))
  while (outcomes().length < 2) await wait(200)
  const early = await engram<Gathered>('gather', at, '--data', data)
  holds('what is there is gathered while it runs', early.missing < 240, true)

  // Preempted: told to end, and ended.
  spawnSync('scancel', ['--signal=TERM', '--full', submitted.job!])
  await wait(1000)
  spawnSync('scancel', ['--signal=KILL', '--full', submitted.job!])
  spawnSync('scancel', [submitted.job!])
  await idle()
  const cut = await engram<SlurmStatus>('status', at)
  holds('the status counts from the files', cut.batches.computed, outcomes().length)
  holds('and says that nothing is at work', [cut.batches.atWork, cut.tasks.running + cut.tasks.pending], [0, 0])
  const before = new Map(outcomes().map((name) => [name, readFileSync(join(at, 'outcomes', name), 'utf8')]))

  const again = await engram<Submitted>('submit', at, '--missing', '--tasks', '2')
  holds('only what is missing is submitted again', again.batches, cut.batches.all - cut.batches.computed)
  await idle()
  const end = await engram<SlurmStatus>('status', at)
  holds('all is computed', [end.computed, end.batches.missing, end.batches.failed], [240, 0, 0])
  holds(
    'what was computed before is as it was',
    [...before].filter(([name, text]) => readFileSync(join(at, 'outcomes', name), 'utf8') !== text),
    []
  )
  const nothing = await engram<Submitted>('submit', at, '--missing')
  holds('nothing is missing then', [nothing.batches, nothing.job], [0, null])

  const gathered = await engram<Gathered>('gather', at, '--data', data)
  const twice = await engram<Gathered>('gather', at, '--data', data)
  holds('gathering twice changes nothing', twice, gathered)
  holds('none is missing and none drifted', [gathered.missing, gathered.drifts], [0, []])
  const here = await engram<RunResult>('run', experiment, '--data', data)
  holds('the numbers are those of this computer, to the last bit', gathered.trials, here.trials)

  const lone = await engram<{ computed: number; failed: number }>('task', at, '0')
  holds('a task whose batches have outcomes computes nothing', lone, { computed: 0, failed: 0 })
} finally {
  stop()
  await wait(1000)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
process.stdout.write(`${checks} checks, ${process.exitCode ? 'some failed' : 'all passed'}\n`)
