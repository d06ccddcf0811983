/**
 * What it costs to have a model in the user's own Python: time of a call that computes nothing, by the bytes that go there
 * and come back. Held to 1 ms a call and 2 ns a byte.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPython } from '../../src-main/engine/python/interpreter.ts'
import { pythonOf, type Python } from '../../src-main/engine/python/python.ts'
import { pythonSettingsSchema } from '../../src-shared/shapes/python.ts'
import type { BenchOptions } from './run.ts'

/** Gives back what it is asked. */
const echo = `
class Echo:
    def __init__(self, dim=8):
        pass

    def store(self, keys, values):
        pass

    def retrieve(self, queries):
        return queries
`
const aims = { callMs: 1, byteNs: 2 }

export async function bench({ quick, json }: BenchOptions): Promise<void> {
  const found = await findPython(pythonSettingsSchema.parse({}), 1)
  if ('missing' in found) throw new Error(found.missing)
  const folder = mkdtempSync(join(tmpdir(), 'engram-bench-'))
  try {
    const file = join(folder, 'echo.py')
    writeFileSync(file, echo)
    const python = pythonOf(found.options, () => undefined)
    const rounds = quick ? 50 : 300
    const calls = [1, 32].map((trials) => {
      const handle = python.ask({ op: 'make', file, class: 'Echo', params: {}, seeds: seedsOf(trials) }).header.handle
      const small = timeOf(python, handle, [trials, 1, 1], rounds)
      const shape = [trials, 2 ** 17 / trials, 2]
      const large = timeOf(python, handle, shape, rounds)
      const bytes = 2 * 4 * (shape[0] * shape[1] * shape[2] - trials)
      return { trials, callMs: small, byteNs: ((large - small) * 1e6) / bytes }
    })
    const within = calls.every(({ callMs, byteNs }) => callMs < aims.callMs && byteNs < aims.byteNs)
    if (json) console.log(JSON.stringify({ python: found.info, calls, aims, within }, null, 2))
    else {
      console.log(
        `Python ${found.info.python}, NumPy ${found.info.numpy ?? 'none'}, torch ${found.info.torch ?? 'none'}`
      )
      for (const { trials, callMs, byteNs } of calls)
        console.log(`batch of ${trials}: ${callMs.toFixed(3)} ms a call + ${byteNs.toFixed(2)} ns a byte`)
      console.log(`aim: under ${aims.callMs} ms a call + ${aims.byteNs} ns a byte: ${within ? 'reached' : 'MISSED'}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const seedsOf = (trials: number): number[] => Array.from({ length: trials }, (_, i) => i)

/** Milliseconds of the fastest call: other work on the machine counts for nothing. */
function timeOf(python: Python, handle: unknown, shape: readonly number[], rounds: number): number {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5)
  let fastest = Infinity
  for (let i = 0; i < rounds; i++) {
    const start = performance.now()
    python.ask({ op: 'retrieve', handle }, [{ name: 'queries', shape, data }])
    fastest = Math.min(fastest, performance.now() - start)
  }
  return fastest
}
