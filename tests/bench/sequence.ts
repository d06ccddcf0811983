/**
 * The example "associative recall" as a user runs it: stacks of two layers of every block, trained over five seeds. Says
 * which blocks learn it, in how many steps, and whether all of it took less than fifteen minutes.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Experiment } from '../../src-shared/shapes/experiment.ts'
import type { BenchOptions } from './run.ts'

const root = join(import.meta.dirname, '../..')
const example = join(root, 'resources/experiments/associative-recall.json')
/** Minutes for the whole grid, and the accuracy that attention must reach. */
const aims = { minutes: 15, accuracy: 0.95 }

interface Row {
  model: string
  accuracies: number[]
  steps: number
  stateBytes: number
  flopsPerToken: number
}

export function bench({ quick, json, only }: BenchOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'engram-bench-'))
  const experiment = JSON.parse(readFileSync(example, 'utf8')) as Experiment
  const file = join(folder, 'experiment.json')
  const models = experiment.models.filter(({ kind }) =>
    only.length ? only.includes(kind) : !quick || kind === 'attention'
  )
  writeFileSync(file, JSON.stringify({ ...experiment, models }))
  const start = performance.now()
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'src-main/cli.ts'), 'run', file, '--data', join(folder, 'data'), '--json'],
    { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', json ? 'pipe' : 'inherit'] }
  )
  const minutes = (performance.now() - start) / 60_000
  rmSync(folder, { recursive: true, force: true })
  if (status !== 0) throw new Error(`the run failed: ${stderr}`)
  const rows = rowsOf(JSON.parse(stdout))
  const missed = [
    ...(minutes > aims.minutes ? [`took ${minutes.toFixed(1)} minutes`] : []),
    ...rows
      .filter(({ model, accuracies }) => model === 'Attention' && mean(accuracies) < aims.accuracy)
      .map(({ accuracies }) => `attention reached ${mean(accuracies).toFixed(3)}`)
  ]
  if (!json) {
    for (const { model, accuracies, steps, stateBytes } of rows)
      console.log(
        `${model.padEnd(24)} accuracy ${mean(accuracies).toFixed(3)} (least ${Math.min(...accuracies).toFixed(3)})  ` +
          `steps ${steps.toFixed(0).padStart(4)}  state ${stateBytes} B`
      )
    console.log(missed.length ? `missed: ${missed.join('; ')}` : `all aims are met, in ${minutes.toFixed(1)} minutes`)
  }
  console.log(JSON.stringify({ minutes, aims, missed, rows }))
  return Promise.resolve()
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

function rowsOf(output: unknown): Row[] {
  const { trials } = output as {
    trials: { model: string; metrics: Record<string, number> }[]
  }
  return [...Map.groupBy(trials, ({ model }) => model)].map(([model, own]) => {
    const over = (name: string): number => mean(own.map(({ metrics }) => metrics[name]))
    return {
      model,
      accuracies: own.map(({ metrics }) => metrics.accuracy),
      steps: over('steps'),
      stateBytes: over('stateBytes'),
      flopsPerToken: over('flopsPerToken')
    }
  })
}
