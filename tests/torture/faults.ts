/**
 * The disk fails at the 1st, 2nd, ... operation, until a round is clean: of a file that is written over another, of a
 * session of the store from its opening to its backup, and of a repair. What was whole stays whole.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../src-main/store/files.ts'
import { storeFile } from '../../src-main/store/file.ts'
import { openStore } from '../../src-main/store/open.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { Fault, faultyFiles, faultyPort } from '../main/store/faults.ts'
import { newRun, outcome } from '../main/store/support.ts'
import type { Campaign } from './campaign.ts'

export const faults: Campaign = ({ rounds, folder, tell }) => {
  const failures: string[] = []
  const summary: Record<string, number> = {}
  for (const [name, attempt] of Object.entries(attempts)) {
    let n = 1
    for (; n <= rounds; n++) {
      const here = join(folder, `${name}-${n}`)
      mkdirSync(here)
      const { clean, wrong } = attempt(here, n)
      failures.push(...wrong.map((what) => `${name}, operation ${n}: ${what}`))
      if (clean) break
    }
    summary[`operations failed of ${name}`] = n - 1
    tell(`${name}: clean at operation ${n}`)
  }
  return { summary, failures }
}

interface Attempt {
  /** Nothing failed: there are no more operations. */
  clean: boolean
  wrong: string[]
}

/** Each fails at the nth operation in a folder of its own. */
export const attempts: Record<string, (folder: string, n: number) => Attempt> = {
  'a file written over another'(folder, n) {
    const path = join(folder, 'table.csv')
    const [old, fresh] = ['old\n'.repeat(1000), 'new\n'.repeat(5000)]
    writeFileSync(path, old)
    const port = faultyFiles(n)
    const wrong: string[] = []
    let threw = false
    try {
      writeWhole(path, fresh, { port })
    } catch (error) {
      threw = true
      const code = error instanceof StudioError ? error.data.code : String(error)
      if (code !== 'disk-full') wrong.push(`the error is ${code}`)
    }
    const now = readFileSync(path, 'utf8')
    if (now !== old && now !== fresh) wrong.push('the file is cut')
    if (!threw && now !== fresh) wrong.push('the old file is there without an error')
    const beside = readdirSync(folder).filter((name) => name !== 'table.csv')
    if (beside.length) wrong.push(`left behind: ${beside.join(', ')}`)
    return { clean: port.count() < n, wrong }
  },

  'a session of the store'(folder, n) {
    const port = faultyPort(n)
    const wrong: string[] = []
    const stored: number[] = []
    try {
      const store = openStore({ folder, port })
      try {
        store.write.addRun(newRun('A'))
        for (const seed of [0, 1, 2]) {
          store.write.addTrials('A', [outcome(0, seed), outcome(1, seed)], 1, 'cpu')
          stored.push(seed)
        }
      } finally {
        store.close()
      }
    } catch (error) {
      if (!(error instanceof Fault) && !(error instanceof StudioError)) wrong.push(`an untyped error: ${String(error)}`)
    }
    wrong.push(...holds(folder, stored))
    return { clean: port.count() < n, wrong }
  },

  'a repair'(folder, n) {
    cpSync(damagedStore(join(folder, '..', 'damaged')), folder, { recursive: true })
    const port = faultyPort(n)
    const wrong: string[] = []
    try {
      openStore({ folder, port }).close()
    } catch (error) {
      if (!(error instanceof Fault) && !(error instanceof StudioError)) wrong.push(`an untyped error: ${String(error)}`)
    }
    if (
      !readdirSync(folder).some((name) => name.includes('-damaged-')) &&
      readFileSync(storeFile(folder))[100] !== 0xab
    )
      wrong.push('the damaged file is gone')
    wrong.push(...holds(folder, [0]))
    return { clean: port.count() < n, wrong }
  }
}

/** A store with a backup, its data file overwritten; made once. */
function damagedStore(folder: string): string {
  if (existsSync(folder)) return folder
  const store = openStore({ folder })
  store.write.addRun(newRun('A'))
  store.write.addTrials('A', [outcome(0, 0), outcome(1, 0)], 1, 'cpu')
  store.close()
  const bytes = readFileSync(storeFile(folder))
  writeFileSync(storeFile(folder), bytes.fill(0xab, 100, 9000))
  return folder
}

/** What must hold when the disk works again. */
function holds(folder: string, seeds: readonly number[]): string[] {
  const wrong: string[] = []
  const store = openStore({ folder })
  try {
    const check = store.check()
    if (check !== 'ok') wrong.push(check)
    for (const seed of seeds)
      for (const cell of [0, 1]) {
        const { metrics, statuses } = store.read.results('A')[cell]
        if (statuses[seed] !== 'done' || metrics.accuracy[seed] !== cell + seed / 10)
          wrong.push(`cell ${cell}, seed ${seed} was stored and is ${statuses[seed]}`)
      }
  } catch (error) {
    wrong.push(String(error))
  } finally {
    store.close()
  }
  return wrong
}
