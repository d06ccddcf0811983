/** Writes trials through the real store until it is killed, and reports each only after its transaction is over. */
import { writeSync } from 'node:fs'
import { openStore } from '../../src-main/store/open.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'

const [folder, id, from] = process.argv.slice(2)
const store = openStore({ folder })
for (let seed = Number(from); ; seed += 5) {
  const seeds = [0, 1, 2, 3, 4].map((i) => seed + i)
  const outcomes = seeds.map<TrialOutcome>((s) => ({
    cell: 0,
    seed: s,
    hash: String(s),
    status: 'done',
    error: null,
    metrics: { a: s, b: s + 0.5 },
    series: { curve: { x: [0, 1, 2], y: [s, s, s] } },
    traces: [{ name: 'gate', title: 'Gate', kind: 'line', value: { shape: [1], data: [s] } }],
    elapsedMs: 1,
    backend: 'cpu'
  }))
  store.write.addTrials(id, outcomes, 1, 'cpu')
  writeSync(1, `${seeds.join('\n')}\n`)
}
