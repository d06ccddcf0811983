/** The fused kernels behind the interface that the models know: one call of the WebAssembly module per trial. */
import type {
  DeltaWrite,
  EpisodicWrite,
  GraphWrite,
  JointWrite,
  KernelParameter,
  SlotKernels
} from '../fused-kernels.ts'
import { Arena, padded, type Block } from './arena.ts'
import { copying } from './copying.ts'
import type { Loaded } from './load.ts'
import { rowKernels } from './rows.ts'

/** A parameter's place in linear memory: its values and both moments. */
type Place = readonly [Block, Block, Block]

const partsOf = (p: KernelParameter): Float32Array[] => [p.values, p.mean, p.square]
const addresses = (place: Place | undefined): number[] => (place ? place.map((block) => block.at) : [0, 0, 0])

export function slotKernelsOf(kernels: Loaded): SlotKernels {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const exports = kernels.on(memory)
  const arena = new Arena(memory, exports)
  const place = (rows: number, columns: number): Place => [
    arena.matrix(rows, columns),
    arena.matrix(rows, columns),
    arena.matrix(rows, columns)
  ]
  const move = (b: number, unbias: number, parameters: readonly [KernelParameter | undefined, Place | undefined][]) => {
    const each = (copy: (block: Block, array: Float32Array, offset: number) => void): void =>
      parameters.forEach(([parameter, at]) => {
        if (parameter && at)
          partsOf(parameter).forEach((array, i) => copy(at[i]!, array, b * at[i]!.rows * at[i]!.columns))
      })
    return {
      in() {
        each((block, array, offset) => arena.write(block, array, offset))
        parameters.forEach(([p], i) => p && arena.doubles(unbias, 6).set(p.unbias.subarray(2 * b, 2 * b + 2), 2 * i))
      },
      out() {
        each((block, array, offset) => arena.read(block, array, offset))
        parameters.forEach(([p], i) => p?.unbias.set(arena.doubles(unbias, 6).subarray(2 * i, 2 * i + 2), 2 * b))
      }
    }
  }

  return {
    ...rowKernels(exports, arena),
    ...copying,

    writeEpisodes(write: EpisodicWrite) {
      const { batch, slots, dim, contextDim, items, contexts, plan, used } = write
      arena.clear()
      const [u, d, c] = [padded(slots), padded(dim), padded(contextDim)]
      const keys = place(slots, dim)
      const values = place(slots, dim)
      const context = contexts && place(slots, contextDim)
      const itemKeys = arena.matrix(items, dim)
      const itemValues = arena.matrix(items, dim)
      const itemContexts = contexts && arena.matrix(items, contextDim)
      const recency = arena.matrix(used ? items : 1, slots)
      arena.write(recency, write.recency, 0)
      const usedAt = used ? arena.take(4 * items) : 0
      if (used) arena.integers(usedAt, items).set(used)
      const planAt = plan ? arena.take(4 * 3 * items) : 0
      const unbias = arena.take(8 * 6)
      const inner = Math.max(u * u, d * d)
      const work = arena.take(4 * (exports.exponentialRoom() + 2 * u + d + 2 * u * d + inner))
      for (let b = 0; b < batch; b++) {
        const trial = move(b, unbias, [
          [write.keys, keys],
          [write.slotValues, values],
          [contexts, context]
        ])
        trial.in()
        arena.write(itemKeys, write.itemKeys, b * items * dim)
        arena.write(itemValues, write.itemValues, b * items * dim)
        if (itemContexts) arena.write(itemContexts, write.itemContexts!, b * items * contextDim)
        if (plan)
          [plan.inner, plan.outer, plan.threshold].forEach((steps, i) =>
            arena.singles(planAt + 4 * i * items, items).set(steps.subarray(b * items, (b + 1) * items))
          )
        exports.writeEpisodes(
          ...[...addresses(keys), ...addresses(values), ...addresses(context), slots, u, d, c, dim],
          ...[itemKeys.at, itemValues.at, itemContexts?.at ?? 0, items, usedAt, recency.at],
          ...[write.outerSteps, write.innerSteps, planAt, write.learningRate, write.orthogonality, unbias, work]
        )
        trial.out()
      }
    },

    writeJointly(write: JointWrite) {
      const { batch, slots, dim, items, back } = write
      arena.clear()
      const [u, d] = [padded(slots), padded(dim)]
      const keys = place(slots, dim)
      const values = place(slots, dim)
      const itemKeys = arena.matrix(items, dim)
      const itemValues = arena.matrix(items, dim)
      const backKeys = back && arena.matrix(items, dim)
      const backMiss = back && arena.matrix(items, dim)
      const unbias = arena.take(8 * 6)
      const work = arena.take(4 * exports.jointWork(u, d))
      for (let b = 0; b < batch; b++) {
        const trial = move(b, unbias, [
          [write.keys, keys],
          [write.slotValues, values]
        ])
        trial.in()
        arena.write(itemKeys, write.itemKeys, b * items * dim)
        arena.write(itemValues, write.itemValues, b * items * dim)
        exports.writeJointly(
          ...[...addresses(keys), ...addresses(values), slots, u, d, itemKeys.at, itemValues.at],
          ...[items, items * dim, backKeys?.at ?? 0, backMiss?.at ?? 0, write.steps, write.learningRate, unbias, work]
        )
        trial.out()
        if (backKeys) arena.read(backKeys, back.keys, b * items * dim)
        if (backMiss) arena.read(backMiss, back.miss, b * items * dim)
      }
    },

    writeDelta({ batch, dim, valueDim, items, beta, matrix, keys, values }: DeltaWrite) {
      arena.clear()
      const S = arena.matrix(dim, valueDim)
      const X = arena.matrix(items, dim)
      const Y = arena.matrix(items, valueDim)
      const work = arena.take(4 * 2 * padded(valueDim))
      for (let b = 0; b < batch; b++) {
        arena.write(S, matrix, b * dim * valueDim)
        arena.write(X, keys, b * items * dim)
        arena.write(Y, values, b * items * valueDim)
        exports.delta(S.at, padded(dim), padded(valueDim), X.at, Y.at, items, beta, work)
        arena.read(S, matrix, b * dim * valueDim)
      }
    },

    writeGraph({ batch, count, dim, items, nodes, directions, shares, first, second, bias, rate }: GraphWrite) {
      arena.clear()
      const G = arena.matrix(count, dim)
      const X = arena.matrix(items, dim)
      const Y = arena.matrix(items, dim)
      const A = arena.matrix(dim, dim)
      const B = arena.matrix(dim, dim)
      const b = arena.matrix(1, dim)
      const work = arena.take(4 * (2 * padded(count) + 2 * padded(dim)))
      for (let trial = 0; trial < batch; trial++) {
        arena.write(G, nodes, trial * count * dim)
        arena.write(X, directions, trial * items * dim)
        arena.write(Y, shares, trial * items * dim)
        arena.write(A, first, trial * dim * dim)
        arena.write(B, second, trial * dim * dim)
        arena.write(b, bias, trial * dim)
        exports.graph(G.at, count, padded(count), padded(dim), X.at, Y.at, items, A.at, B.at, b.at, rate, work)
        arena.read(G, nodes, trial * count * dim)
      }
    },

    adam({ values, mean, square, unbias }: KernelParameter, gradient: Float32Array, learningRate: number) {
      const batch = unbias.length / 2
      const size = values.length / batch
      arena.clear()
      const [p, m, v, g] = [values, mean, square, gradient].map(() => arena.matrix(1, size)) as [
        Block,
        Block,
        Block,
        Block
      ]
      const at = arena.take(16)
      for (let b = 0; b < batch; b++) {
        arena.write(p, values, b * size)
        arena.write(m, mean, b * size)
        arena.write(v, square, b * size)
        arena.write(g, gradient, b * size)
        arena.doubles(at, 2).set(unbias.subarray(2 * b, 2 * b + 2))
        exports.adam(padded(size), p.at, m.at, v.at, g.at, learningRate, at)
        arena.read(p, values, b * size)
        arena.read(m, mean, b * size)
        arena.read(v, square, b * size)
        unbias.set(arena.doubles(at, 2), 2 * b)
      }
    }
  }
}
