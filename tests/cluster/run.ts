/**
 * `npm run cluster-test`: an experiment on a real Slurm of one node: submitted, a task of it killed, what is missing
 * submitted again, gathered in between and at the end, and held to what this computer gives, to the last bit; the same
 * through ssh, and from the studio, which is closed meanwhile, pauses, resumes and cancels.
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
import type { CallInput, CallName, CallOutput } from '../../src-shared/contract/index.ts'
import { startEngine } from '../../src-main/engine/process/launch.ts'
import { createStudio } from '../../src-main/studio/studio.ts'

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

  // Through ssh: a stand-in that runs here what it was given for a host.
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\necho "$4" >> ${join(folder, 'hosts')}\nexec sh -c "$5"\n`, {
    mode: 0o755
  })
  process.env.PATH = `${bin}:${process.env.PATH}`
  const far = join(folder, "far 'away'")
  const there = await engram<Submitted>('submit', experiment, '--slurm', far, '--seeds', '4', '--ssh', 'login.cluster')
  holds('sbatch gives a job through ssh', /^\d+$/.test(there.job ?? ''), true)
  await engram<SlurmStatus>('status', far)
  await idle()
  holds('all of it is computed', (await engram<SlurmStatus>('status', far)).computed, 24)
  const hosts = readFileSync(join(folder, 'hosts'), 'utf8').trim().split('\n')
  holds(
    'the host was asked to submit and for its queue',
    [hosts.length >= 3, ...new Set(hosts)],
    [true, 'login.cluster']
  )

  // "Run on: Slurm" in the studio: what is computed comes by itself, and the studio may be closed meanwhile.
  process.env.ENGRAM_SLURM = join(folder, 'runs')
  const own = join(folder, 'studio')
  const open = () => createStudio({ dataFolder: own, host: 'serve', startEngine, emit: () => undefined })
  const json = JSON.parse(readFileSync(experiment, 'utf8')) as { seeds: object }
  let studio = await open()
  const ask = <N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> =>
    (studio.handlers[name] as (input: CallInput<N>) => Promise<CallOutput<N>>)(input)
  const begin = async (seeds: number, sbatch = ''): Promise<string> =>
    (
      await ask('runs.start', {
        experiment: { ...json, seeds: { first: 0, count: seeds } } as never,
        on: { kind: 'slurm', sbatch, tasks: 2 }
      })
    ).id
  const until = async (id: string, ...statuses: string[]): Promise<CallOutput<'runs.get'>> => {
    for (;;) {
      const run = await ask('runs.get', { id })
      if (statuses.includes(run.status)) return run
      await wait(200)
    }
  }
  const ended = ['done', 'failed', 'cancelled', 'interrupted']
  const whole = await begin(40)
  while ((await ask('runs.get', { id: whole })).done === 0) await wait(100)
  await studio.close()
  studio = await open()
  const end2 = await until(whole, ...ended)
  holds('a run on the cluster comes to its end, though the studio was closed', [end2.status, end2.done], ['done', 240])
  const { provenance, results } = { ...end2, results: await ask('runs.results', { ids: [whole] }) }
  holds('its provenance says where it was computed', [provenance.place, provenance.computers?.length], ['slurm', 1])
  const metrics = results.map(({ label, point, seeds, metrics }) => ({ label, point, seeds, metrics }))
  const same = (await ask('runs.start', { experiment: json as never })).id
  await until(same, ...ended)
  holds(
    'its numbers are those of this computer, to the last bit',
    metrics,
    (await ask('runs.results', { ids: [same] })).map(({ label, point, seeds, metrics }) => ({
      label,
      point,
      seeds,
      metrics
    }))
  )
  const states = (): string[] =>
    spawnSync('squeue', ['-h', '--array', '-o', '%T %r'], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean)
  // The node is taken, so that what is submitted waits.
  spawnSync('sbatch', ['--exclusive', '--wrap', 'sleep 300', '--output=/dev/null'])
  const held = await begin(4)
  while (states().length < 3) await wait(100)
  await ask('runs.pause', { id: held })
  while (states().filter((one) => /JobHeld/.test(one)).length < 2) await wait(100)
  holds('pause holds its tasks', (await ask('runs.get', { id: held })).status, 'paused')
  await ask('runs.resume', { id: held })
  while (states().some((one) => /JobHeld/.test(one))) await wait(100)
  holds('and resume releases them', states().length, 3)
  await ask('runs.cancel', { id: held })
  holds('cancel ends them', (await until(held, ...ended)).status, 'cancelled')
  while (states().length > 1) await wait(100)
  spawnSync('scancel', ['--user', 'root'])
  await idle()
  await ask('runs.resume', { id: held })
  holds('and it is resumed', (await until(held, ...ended)).done, 24)
  const refused = await until(await begin(4, '--partition=none'), ...ended)
  holds(
    'what sbatch says is the run’s error',
    [refused.status, /partition/i.test(refused.error!.message)],
    ['failed', true]
  )
  await studio.close()
} finally {
  stop()
  await wait(1000)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
process.stdout.write(`${checks} checks, ${process.exitCode ? 'some failed' : 'all passed'}\n`)
