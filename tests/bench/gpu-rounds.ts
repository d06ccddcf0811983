/**
 * `node tests/bench/gpu-rounds.ts [--rounds 20] [--seed 1]`: the quickstart on `auto` with software Vulkan taken for a
 * GPU. Round after round is left alone, cancelled at a random moment and begun again, or loses the GPU's process; each
 * must end with all of its trials, and with the numbers of wasm.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import { EngineDriver, programsRunning } from '../support/engine-driver.ts'
import { softwareGpu } from '../support/software-vulkan.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } }
})
const quickstart = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/experiments/quickstart.json'), 'utf8')
) as Record<string, unknown>

/** A number from 0 to 1 for each step of a seed: the same rounds again for the same seed. */
function draws(seed: number): () => number {
  let state = seed >>> 0
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

const key = ({ cell, seed }: TrialOutcome): string => `${cell} ${seed}`

/** The first trial whose numbers are not those of wasm. */
function misfit(got: readonly TrialOutcome[], wanted: ReadonlyMap<string, TrialOutcome>): string | undefined {
  if (got.length !== wanted.size) return `${got.length} of ${wanted.size} trials`
  for (const outcome of got)
    for (const [name, value] of Object.entries(wanted.get(key(outcome))!.metrics)) {
      const off = Math.abs(outcome.metrics[name] - value) / (1 + Math.abs(value))
      if (!(off < 1e-3)) return `${key(outcome)} ${name}: ${outcome.metrics[name]} for ${value} on ${outcome.backend}`
    }
  return undefined
}

if (!softwareGpu) throw new Error('There is no software Vulkan here: install Chromium.')
Object.assign(process.env, softwareGpu)
const next = draws(Number(values.seed))
const truth = new EngineDriver()
const wasm = await truth.run({ ...quickstart, backend: 'wasm' })
await truth.end(wasm)
const wanted = new Map(truth.outcomes(wasm).map((outcome) => [key(outcome), outcome]))
truth.process.kill()

let good = 0
const rounds = Number(values.rounds)
for (let round = 0; round < rounds; round++) {
  const manner = ['left alone', 'cancelled', 'GPU killed'][round % 3]
  const engine = new EngineDriver()
  try {
    let run = await engine.run({ ...quickstart, backend: 'auto' })
    await pause(next() * 1500)
    if (manner === 'cancelled') {
      engine.process.post({ type: 'cancel', runId: run })
      await engine.end(run)
      run = await engine.run({ ...quickstart, backend: 'auto' })
    }
    const [own] = programsRunning('process', process.pid)
    if (manner === 'GPU killed') for (const pid of programsRunning('gpu', own)) process.kill(pid, 'SIGKILL')
    const { how, error } = await engine.end(run)
    const wrong = how === 'done' ? misfit(engine.outcomes(run), wanted) : `${how}: ${error?.message ?? ''}`
    if (wrong === undefined) good++
    console.log(`round ${round + 1}, ${manner}: ${wrong ?? 'as it should be'}`)
  } catch (error) {
    console.log(`round ${round + 1}, ${manner}: ${(error as Error).message}`)
  } finally {
    engine.process.kill()
    await engine.exit
  }
}
console.log(`${good} of ${rounds} rounds, seed ${values.seed}`)
process.exitCode = good === rounds ? 0 : 1
