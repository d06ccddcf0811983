/**
 * How long all recall tasks take with all memories of keys and values, 10 seeds each (resources/suites/recall.json).
 * Target: under 10 minutes on 2 cores.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSuite, runSuite } from '../../src-main/hosts/terminal/suite.ts'
import { withStudio } from '../../src-main/hosts/terminal/session.ts'
import type { BenchOptions } from './run.ts'

export async function bench({ quick, json }: BenchOptions): Promise<void> {
  const file = join(import.meta.dirname, '../../resources/suites/recall.json')
  const data = mkdtempSync(join(tmpdir(), 'engram-suite-'))
  try {
    const suite = (await readSuite(file))!
    const start = performance.now()
    const { runs } = await runSuite(suite, file, { data, ...(quick && { seeds: 1 }) })
    const seconds = (performance.now() - start) / 1000
    const rows = await withStudio(data, 'look', ({ ask }) => Promise.all(runs.map((id) => ask('runs.get', { id }))))
    const tasks = rows.map(({ task, trials, diverged, failed, elapsedMs }) => ({
      task,
      trials,
      diverged,
      failed,
      seconds: Number((elapsedMs / 1000).toFixed(1))
    }))
    if (json) console.log(JSON.stringify({ seconds, tasks }))
    else {
      console.table(tasks)
      console.log(`${seconds.toFixed(0)} s in all; target 600 s on 2 cores`)
    }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}
