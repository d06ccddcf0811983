/** The read of tensors/fused-ops.ts on the cpu backend, whose tensors are copied into the kernels' memory and back. */
import * as tf from '@tensorflow/tfjs'
import type { DataId, TensorInfo } from '@tensorflow/tfjs'
import { fusedNames, provideFusedOps, type ReadAttrs } from '../fused-ops.ts'
import { Arena } from './arena.ts'
import { kernelsInUse, type SlotExports } from './load.ts'

interface CpuBackend {
  readSync(id: DataId): Float32Array
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): TensorInfo
}

/** Register it. Call it once. */
export function registerReadOnCpu(): void {
  let room: { exports: SlotExports; arena: Arena } | undefined
  const made = (): { exports: SlotExports; arena: Arena } => {
    const memory = new WebAssembly.Memory({ initial: 1 })
    const exports = kernelsInUse()!.on(memory)
    return { exports, arena: new Arena(memory, exports) }
  }
  tf.registerKernel({
    kernelName: fusedNames.read,
    backendName: 'cpu',
    kernelFunc({ inputs, attrs, backend }) {
      const { exports, arena } = (room ??= made())
      const { scale, kept, contexts, bias } = attrs as unknown as ReadAttrs
      const cpu = backend as CpuBackend
      const [q, k, v, ...more] = Object.values(inputs) as TensorInfo[]
      const [z, c] = contexts ? more : []
      const b = bias ? more.at(-1) : undefined
      const [batch, count, dim] = q.shape as [number, number, number]
      const [, slots, valueDim] = v.shape as [number, number, number]
      const contextDim = c?.shape[2] ?? 0
      const y = new Float32Array(batch * count * valueDim)
      const weights = new Float32Array(batch * kept * slots)
      arena.clear()
      const given = [q, k, v, z, c, b].map((tensor) => {
        const data = tensor && cpu.readSync(tensor.dataId)
        const size = data ? data.length / tensor!.shape[0] : 0
        return { data, size, at: data ? arena.take(4 * size) : 0 }
      })
      const Y = arena.take((4 * y.length) / batch)
      const A = arena.take((4 * weights.length) / batch)
      const work = arena.take(4 * exports.attendWork(slots, dim, valueDim, contextDim))
      for (let row = 0; row < batch; row++) {
        for (const { data, size, at } of given) {
          if (!data) continue
          const from = data.length > size ? row * size : 0
          arena.singles(at, size).set(data.subarray(from, from + size))
        }
        exports.attend(
          ...given.map(({ at }) => at),
          ...[count, slots, dim, valueDim, contextDim, scale, Y, A, kept, work]
        )
        y.set(arena.singles(Y, y.length / batch), (row * y.length) / batch)
        weights.set(arena.singles(A, weights.length / batch), (row * weights.length) / batch)
      }
      return [
        cpu.makeTensorInfo([batch, count, valueDim], 'float32', y),
        cpu.makeTensorInfo([batch, kept, slots], 'float32', weights)
      ]
    }
  })
  provideFusedOps('cpu', { use: () => kernelsInUse() !== undefined })
}
