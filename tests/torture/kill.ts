/** kill -9 of a writer at random moments: every trial it reported as stored is there whole, and none is half there. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { storeFile } from '../../src-main/store/file.ts'
import { openStore } from '../../src-main/store/open.ts'
import { realPort } from '../../src-main/store/port.ts'
import { experiment, newRun } from '../main/store/support.ts'
import { random } from '../support/random.ts'
import type { Campaign } from './campaign.ts'

const cell = { use: 0, label: 'alpha', model: 'alpha', params: {}, taskParams: {}, point: {} }

/** Run the writer, kill it so long after its first report, and return every seed it reported whole. */
function killedAfter(ms: number, folder: string, from: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'kill-child.ts'), folder, 'A', String(from)],
      { stdio: ['ignore', 'pipe', 'pipe'] }
    )
    let out = ''
    let complaint = ''
    child.stderr.on('data', (data: Buffer) => (complaint += data.toString()))
    child.stdout.on('data', (data: Buffer) => {
      if (!out) setTimeout(() => child.kill('SIGKILL'), ms)
      out += data.toString()
    })
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`the writer ended by itself (${code}): ${complaint}`))
      resolve(out.slice(0, out.lastIndexOf('\n')).split('\n').filter(Boolean).map(Number))
    })
  })
}

interface Row {
  seed: number
  sum: number
  curves: number
  traces: number
}

export const kill: Campaign = async ({ rounds, seed, folder, tell }) => {
  const next = random(seed)
  const used = experiment({ models: [{ kind: 'alpha' }], seeds: { first: 0, count: 10_000 } })
  const first = openStore({ folder })
  first.write.addRun(newRun('A', { experiment: used, cells: [cell], seeds: 10_000 }))
  first.close()
  const reported = new Set<number>()
  const failures: string[] = []
  const expect = (holds: boolean, what: string): void => void (holds || failures.push(what))
  for (let round = 0; round < rounds; round++) {
    const about = `round ${round}`
    const from = reported.size ? Math.max(...reported) + 1000 : 0
    for (const one of await killedAfter(next() * 40, folder, from)) reported.add(one)
    const store = openStore({ folder })
    expect(store.notice === undefined, `${about}: ${store.notice}`)
    const check = store.check()
    expect(check === 'ok', `${about}: ${check}`)
    const { done } = store.read.run('A')
    store.close()

    const database = realPort.connect(storeFile(folder), { readonly: true, mustExist: true })
    const rows = database
      .prepare(
        `SELECT seed, (SELECT sum(value) FROM metrics WHERE trial = id) AS sum,
           (SELECT count(*) FROM series WHERE trial = id AND length(y) = 12) AS curves,
           (SELECT count(*) FROM traces WHERE trial = id) AS traces FROM trials`
      )
      .all() as Row[]
    database.close()
    const stored = new Set(rows.map((row) => row.seed))
    const lost = [...reported].filter((one) => !stored.has(one))
    expect(lost.length === 0, `${about}: lost ${lost.join(', ')}`)
    const half = rows.filter((row) => row.sum !== 2 * row.seed + 0.5 || row.curves !== 1 || row.traces !== 1)
    expect(half.length === 0, `${about}: half there: ${half.map((row) => row.seed).join(', ')}`)
    expect(done === rows.length, `${about}: ${done} counted, ${rows.length} there`)
    expect(rows.length % 5 === 0, `${about}: a transaction of five is there in part`)
    if ((round + 1) % 50 === 0) tell(`${round + 1} kills`)
  }
  return { summary: { kills: rounds, 'trials reported as stored': reported.size }, failures }
}
