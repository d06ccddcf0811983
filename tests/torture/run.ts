/** `npm run torture -- kill|faults|flips|fuzz|files|queue|load --rounds N --seed S`: long forms of what the tests do in short. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Campaign } from './campaign.ts'

const campaigns: Record<string, { rounds: number; load: () => Promise<Campaign> }> = {
  kill: { rounds: 500, load: async () => (await import('./kill.ts')).kill },
  faults: { rounds: 100_000, load: async () => (await import('./faults.ts')).faults },
  flips: { rounds: 10_000, load: async () => (await import('./flips.ts')).flips },
  fuzz: { rounds: 100_000, load: async () => (await import('./fuzz.ts')).fuzz },
  files: { rounds: 20_000, load: async () => (await import('./files.ts')).files },
  queue: { rounds: 100, load: async () => (await import('./queue.ts')).queue },
  load: { rounds: 1_000_000, load: async () => (await import('./load.ts')).load }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, seed: { type: 'string' } }
})
const [name] = positionals
const chosen = campaigns[name]
if (!chosen) {
  process.stderr.write(`Name one of: ${Object.keys(campaigns).join(', ')}\n`)
  process.exit(2)
}
const rounds = Number(values.rounds ?? chosen.rounds)
const seed = Number(values.seed ?? Date.now() % 1e9)
const folder = mkdtempSync(join(tmpdir(), `engram-torture-${name}-`))
const started = performance.now()
process.stdout.write(`${name}: ${rounds} rounds, seed ${seed}\n`)
try {
  const run = await chosen.load()
  const { summary, failures } = await run({
    rounds,
    seed,
    folder,
    tell: (line) => void process.stdout.write(`${line}\n`)
  })
  for (const failure of failures.slice(0, 50)) process.stdout.write(`FAILED ${failure}\n`)
  for (const [what, count] of Object.entries(summary)) process.stdout.write(`${String(count).padStart(8)} ${what}\n`)
  const seconds = Math.round((performance.now() - started) / 1000)
  process.stdout.write(`${failures.length} failures, ${seconds} s\n`)
  process.exitCode = failures.length ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}
