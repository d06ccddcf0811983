import Sqlite from 'better-sqlite3'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { storeFile } from '../../../src-main/store/file.ts'
import { openStore } from '../../../src-main/store/open.ts'
import { experiment, newRun } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** How often; ENGRAM_KILLS=300 for a long session. The moments come from this seed, printed when it fails. */
const kills = Number(process.env.ENGRAM_KILLS ?? 25)
const chosen = Number(process.env.ENGRAM_KILL_SEED ?? Date.now() % 1e9)

/** mulberry32: enough to choose moments. */
function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

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

it(
  `keeps every reported trial whole when the writer is killed at ${kills} random moments`,
  async () => {
    const folder = temporaryFolder('store')
    const used = experiment({ models: [{ kind: 'alpha' }], seeds: { first: 0, count: 10_000 } })
    const first = openStore({ folder })
    first.write.addRun(newRun('A', { experiment: used, cells: [cell], seeds: 10_000 }))
    first.close()
    const reported = new Set<number>()
    const next = random(chosen)
    for (let kill = 0; kill < kills; kill++) {
      const about = `seed ${chosen}, kill ${kill}`
      const from = reported.size ? Math.max(...reported) + 1000 : 0
      for (const seed of await killedAfter(next() * 40, folder, from)) reported.add(seed)

      const store = openStore({ folder })
      expect(store.notice, about).toBeUndefined()
      expect(store.check(), about).toBe('ok')
      const run = store.read.run('A')
      store.close()

      const database = new Sqlite(storeFile(folder), { readonly: true })
      const rows = database
        .prepare(
          `SELECT seed, (SELECT sum(value) FROM metrics WHERE trial = id) AS sum,
             (SELECT count(*) FROM series WHERE trial = id AND length(y) = 12) AS curves,
             (SELECT count(*) FROM traces WHERE trial = id) AS traces FROM trials`
        )
        .all() as { seed: number; sum: number; curves: number; traces: number }[]
      database.close()
      const stored = new Set(rows.map((row) => row.seed))
      expect(
        [...reported].filter((seed) => !stored.has(seed)),
        about
      ).toEqual([])
      expect(
        rows.filter((r) => r.sum !== 2 * r.seed + 0.5 || r.curves !== 1 || r.traces !== 1),
        about
      ).toEqual([])
      expect(run.done, about).toBe(rows.length)
      expect(rows.length % 5, about).toBe(0)
    }
    expect(reported.size).toBeGreaterThan(kills)
  },
  60_000 + kills * 2000
)

const cell = { use: 0, label: 'alpha', model: 'alpha', params: {}, taskParams: {}, point: {} }
