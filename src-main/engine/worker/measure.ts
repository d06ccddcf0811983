/** Times real blocks and the machine's peaks, alone in one worker. */
import * as tf from '@tensorflow/tfjs'
import type { BlockId } from '../../../src-shared/cost/block.ts'
import { blockOf, type MeasuredPoint, type Peaks } from '../../../src-shared/cost/measurement.ts'
import type { CostInput } from '../../../src-shared/cost/symbols.ts'
import type { Memory } from '../../models/model.ts'
import { checkBackend } from '../../tensors/backends/index.ts'
import { philoxDraws } from '../../tensors/random/draws.ts'
import type { Registry } from './registry.ts'
import { philoxWeights } from './weight-sources.ts'

/** A point is repeated until this time has passed; three times are worth three times as long. */
const budgetMs = 2000
const fewest = 3

/** Tokens of one call while a buffer is filled. */
const primingCall = 256

/**
 * One point: the block is built with a batch of one, its episodic buffer filled where it starts full, and a call over L
 * tokens timed until its result has been read. The first call warms up (kernels are compiled, pages touched) and counts
 * the peak of the tensors; it is not timed. What the block learned is reset before each call, a full buffer is kept.
 */
export async function measureBlock(
  registry: Registry,
  id: BlockId,
  input: CostInput,
  repeats: number
): Promise<Omit<MeasuredPoint, 'memory' | 'x'>> {
  const { d, L, M, s } = input
  const draws = philoxDraws(['measure'])
  const tokens = (rows: number): tf.Tensor => tf.tensor(draws.normal('tokens', rows * d), [1, rows, d])
  const { kind, params } = blockOf(id, input)
  const empty = tf.memory().numBytes
  const memory = registry.build(kind, registry.fill(kind, params), 1, philoxWeights(['measure']), false)
  let x: tf.Tensor | undefined
  try {
    const parameterBytes = tf.memory().numBytes - empty
    const primed = (id === 'episodic' || id === 'hybrid') && input.buffer === 'full'
    if (primed)
      for (let left = M * s; left > 0; left -= primingCall) {
        const some = tokens(Math.min(left, primingCall))
        tf.dispose([memory.forward!(some), some])
      }
    x = tokens(L)
    const peakBytes = await warmUp(memory, x)
    const timesMs: number[] = []
    let spent = 0
    while (timesMs.length < repeats && spent < (timesMs.length < fewest ? 3 : 1) * budgetMs) {
      if (!primed) memory.reset()
      const ms = await timed(memory, x)
      timesMs.push(ms)
      spent += ms
    }
    checkBackend()
    x.dispose()
    const stateBytes = tf.memory().numBytes - empty - parameterBytes
    return { timesMs, parameterBytes, stateBytes, peakBytes: peakBytes - empty }
  } finally {
    x?.dispose()
    memory.dispose()
  }
}

/** One call that nobody times; answers the most bytes that tensors held at once. */
async function warmUp(memory: Memory, x: tf.Tensor): Promise<number> {
  try {
    const { peakBytes, result } = await tf.profile(() => memory.forward!(x))
    await (result as tf.Tensor).data()
    tf.dispose(result)
    return peakBytes
  } finally {
    // A call that threw leaves it on, and every later one would be recorded.
    tf.engine().state.profiling = false
  }
}

async function timed(memory: Memory, x: tf.Tensor): Promise<number> {
  const start = performance.now()
  const y = memory.forward!(x)
  await y.data()
  const ms = performance.now() - start
  y.dispose()
  return ms
}

/** The best matrix product and the best copy of a few sizes: what a call could reach. */
export async function measurePeaks(): Promise<Peaks> {
  let flopsPerSecond = 0
  for (const n of [256, 512, 1024]) {
    const [a, b] = [tf.ones([n, n]), tf.ones([n, n])]
    const ms = await best(() => tf.matMul(a, b))
    flopsPerSecond = Math.max(flopsPerSecond, (1000 * 2 * n ** 3) / ms)
    tf.dispose([a, b])
    // The next size takes eight times as long.
    if (ms > 100) break
  }
  let bytesPerSecond = 0
  for (const n of [2 ** 16, 2 ** 19, 2 ** 22]) {
    const a = tf.ones([n])
    const ms = await best(() => tf.add(a, 1))
    bytesPerSecond = Math.max(bytesPerSecond, (1000 * 2 * 4 * n) / ms)
    a.dispose()
  }
  checkBackend()
  return { flopsPerSecond, bytesPerSecond }
}

/**
 * Milliseconds of one operation: many are queued and the last one's first value read, so that neither the queue's start
 * nor the transfer of a result counts much; the best of four.
 */
async function best(run: () => tf.Tensor): Promise<number> {
  let least = Infinity
  let count = 1
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    for (let k = 1; k < count; k++) run().dispose()
    const last = run()
    const one = tf.tidy(() => last.flatten().slice([0], [1]))
    await one.data()
    const ms = (performance.now() - start) / count
    tf.dispose([last, one])
    // The first one warms up and says how many fit into 40 ms.
    if (i === 0) count = Math.max(1, Math.min(64, Math.round(40 / ms)))
    else least = Math.min(least, ms)
  }
  return least
}
