/**
 * Workers of `npm run bench -- queue` that only sleep: the studio's own worker over an engine that computes nothing, so
 * that all that goes over the server is what goes there in earnest. Arguments: address, workers, milliseconds a batch, and
 * the file of an outcome that each trial repeats. Prints `ready` when all are at the queue.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelIn, taskIn } from '../../src-shared/shapes/catalog.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import { trialIdentity } from '../../src-shared/grid/identity.ts'
import type { EngineProcess, FromEngine, RunJob, ToEngine } from '../../src-main/engine/protocol.ts'
import { builtInRegistry } from '../../src-main/engine/worker/registry.ts'
import { thisComputer } from '../../src-main/hosts/terminal/this-computer.ts'
import { AssetFolder } from '../../src-main/places/assets.ts'
import { addressOf } from '../../src-main/places/queue/address.ts'
import { QueueWorker } from '../../src-main/places/queue/worker.ts'

const [url, workers, sleepMs, file] = process.argv.slice(2)
const outcome = JSON.parse(readFileSync(file, 'utf8')) as TrialOutcome
const catalog = builtInRegistry().catalog()

class SleepingEngine implements EngineProcess {
  readonly #hear: ((message: FromEngine) => void)[] = []
  readonly #exits: ((code: number | null, detail: string) => void)[] = []

  constructor() {
    const backends = [{ name: 'wasm' as const, available: true, adapter: 'asleep' }]
    setImmediate(() => this.#say({ type: 'ready', backends, workers: 1, catalog, errors: [] }))
  }
  onMessage(listener: (message: FromEngine) => void): void {
    this.#hear.push(listener)
  }
  onExit(listener: (code: number | null, detail: string) => void): void {
    this.#exits.push(listener)
  }
  post(message: ToEngine): void {
    if (message.type === 'stop') return this.kill()
    if (message.type === 'run') setTimeout(() => this.#wake(message.job), Number(sleepMs))
  }
  kill(): void {
    setImmediate(() => this.#exits.forEach((exit) => exit(0, '')))
  }

  #wake({ runId, task, generator, cells: [{ index, seeds, ...cell }] }: RunJob): void {
    const trials = seeds.map((seed) => ({
      ...outcome,
      cell: index,
      seed,
      hash: trialIdentity(taskIn(catalog, task)!, cell, (id) => modelIn(catalog, id), seed, generator).hash
    }))
    this.#say({ type: 'trials', runId, trials })
    this.#say({ type: 'ended', runId, how: 'done', error: null })
  }
  #say(message: FromEngine): void {
    for (const hear of this.#hear) hear(message)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'engram-asleep-'))
const assets = new AssetFolder(folder)
const all = Array.from(
  { length: Number(workers) },
  (_, i) =>
    new QueueWorker({
      address: addressOf(url, {}),
      about: thisComputer(`asleep ${process.pid}-${i}`),
      start: () => new SleepingEngine(),
      assets,
      workers: 1,
      backend: 'wasm',
      trustsModels: false,
      say: () => undefined
    })
)
for (let at = 0; at < all.length; at += 25) await Promise.all(all.slice(at, at + 25).map((one) => one.start()))
process.stdout.write('ready\n')
process.stdin.on('end', () => {
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
})
process.stdin.resume()
