import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { runFile } from '../../../../src-main/hosts/terminal/run.ts'
import { computeOnCluster, gather, statusOf, submit } from '../../../../src-main/hosts/terminal/slurm.ts'
import { words } from '../../../../src-main/places/slurm/cluster.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { refusal } from '../../studio/support.ts'

vi.setConfig({ testTimeout: 120_000 })

const experiment = {
  format: 'engram-experiment/1',
  name: 'By files',
  task: { kind: 'capacity', params: { dim: 16 } },
  models: [{ kind: 'linear-associator' }, { kind: 'hopfield' }],
  sweep: [{ param: 'task.items', values: [2, 6] }],
  seeds: { first: 0, count: 6 },
  backend: 'wasm'
}

/** An experiment in a folder of a machine that has no Slurm. */
function submitted(json: object) {
  const folder = temporaryFolder('slurm')
  const [file, at, data] = ['experiment.json', 'cluster', 'data'].map((name) => join(folder, name))
  writeFileSync(file, JSON.stringify(json))
  vi.stubEnv('PATH', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  return { file, at, data, given: submit(file, { slurm: at, tasks: 2, data }) }
}

it('what tasks have computed is gathered at any time, once, and gives what this computer gives', async () => {
  const { file, at, data, given } = submitted(experiment)
  expect(await given).toMatchObject({ job: null, tasks: [0, 1] })
  expect(readFileSync(join(at, 'run.sh'), 'utf8')).toContain('task')
  expect(await statusOf(at)).toMatchObject({ trials: 24, computed: 0, batches: { computed: 0, failed: 0, atWork: 0 } })
  expect(await gather(at, data)).toMatchObject({ missing: 24 })
  const first = await computeOnCluster(at, 0, { workers: 1, backend: 'auto' })
  expect(first.failed).toBe(0)
  const early = await gather(at, data)
  expect(early.missing).toBe(24 - (await statusOf(at)).computed)
  expect(early.missing).toBeGreaterThan(0)
  await computeOnCluster(at, 1, { workers: 1, backend: 'auto' })
  const whole = await gather(at, data)
  expect(whole).toMatchObject({ missing: 0, drifts: [] })
  expect(await gather(at, data)).toEqual(whole)
  expect(await computeOnCluster(at, 0, { workers: 1, backend: 'auto' })).toEqual({ computed: 0, failed: 0 })
  expect((await runFile(file, { data })).trials).toEqual(whole.trials)

  // Somebody answers once more, and not alike: both answers are kept, once, and the first one counts.
  const [name] = readdirSync(join(at, 'outcomes'))
  const path = join(at, 'outcomes', name)
  const text = readFileSync(path, 'utf8')
  const answer = JSON.parse(text) as { outcomes: { seed: number; metrics: Record<string, number> }[] }
  const [trial] = answer.outcomes
  trial.metrics.mse += 1
  writeFileSync(path, JSON.stringify(answer))
  for (let again = 0; again < 2; again++) {
    const drifted = await gather(at, data)
    expect(drifted.drifts).toHaveLength(1)
    expect(drifted.drifts[0]).toMatchObject({ seed: trial.seed, other: { metrics: trial.metrics } })
    expect(drifted.drifts[0].stored.metrics.mse).toBeCloseTo(trial.metrics.mse - 1, 6)
    expect(drifted.trials).toEqual(whole.trials)
  }
  writeFileSync(path, text.slice(0, -5))
  expect(await refusal(() => gather(at, data))).toMatchObject({ code: 'bad-input' })
})

it('what tunes first goes there in two parts: what it tries, then its report with what won', async () => {
  const json = {
    ...{ ...experiment, sweep: [], models: [{ kind: 'hopfield' }], seeds: { first: 0, count: 3 } },
    task: { kind: 'capacity', params: { dim: 16, items: 6 } },
    tuning: { params: [{ param: 'hopfield.beta', values: [0.1, 1, 4] }], seeds: [100, 101], metric: 'mse' }
  }
  const { file, at, data, given } = submitted(json)
  expect((await given).tasks).toEqual([0, 1])
  expect(await statusOf(at)).toMatchObject({ trials: 9, computed: 0 })
  for (const task of [0, 1]) await computeOnCluster(at, task, { workers: 1, backend: 'auto' })
  expect(await submit(at, { missing: true, data })).toMatchObject({ tasks: null, batches: 0 })
  expect(await gather(at, data)).toMatchObject({ missing: 3 })
  const second = await submit(at, { missing: true, data })
  expect(second).toMatchObject({ job: null, tasks: [2, expect.any(Number)] })
  for (let task = 2; task <= second.tasks![1]; task++) await computeOnCluster(at, task, { workers: 1, backend: 'auto' })
  const whole = await gather(at, data)
  expect(whole).toMatchObject({ missing: 0, drifts: [] })
  const here = await runFile(file, { data })
  expect(whole.trials).toEqual(here.trials)
  expect(whole.tuning).toEqual(here.tuning)
})

it('refuses a folder that is taken, one without a plan, and a task that is not there', async () => {
  const { file, at, data, given } = submitted({ ...experiment, sweep: [], seeds: [3] })
  await given
  expect(await refusal(() => submit(file, { slurm: at, data }))).toMatchObject({ code: 'conflict', file: at })
  expect(await refusal(() => submit(file, { data }))).toMatchObject({ code: 'bad-input', field: 'slurm' })
  expect(await refusal(() => submit(file, { slurm: `${at}2`, data, ssh: '-oProxyCommand=x' }))).toMatchObject({
    code: 'bad-input',
    field: 'ssh'
  })
  expect((await refusal(() => gather(data, data))).code).toBe('not-found')
  expect((await refusal(() => statusOf(data))).code).toBe('not-found')
  expect((await refusal(() => computeOnCluster(at, 9, { workers: 1, backend: 'auto' }))).code).toBe('not-found')
  writeFileSync(join(at, 'tasks', '0.json'), '[{"format":"engram-batch/1","run":"../x"}]')
  expect((await refusal(() => computeOnCluster(at, 0, { workers: 1, backend: 'auto' }))).code).toBe('bad-input')
})

it('options of sbatch are words as a shell makes them, and options only', async () => {
  expect(words(' --time=1:00 -p short  --comment="a b" --mail-user \'c d\'x')).toEqual([
    ...['--time=1:00', '-p', 'short', '--comment=a b', '--mail-user', 'c dx']
  ])
  expect(words('')).toEqual([])
  for (const text of ['--comment="a', 'script.sh', '--time=1 ; rm'])
    expect(await refusal(() => words(text))).toMatchObject({ code: 'bad-input', field: 'sbatch' })
})
