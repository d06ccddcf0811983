import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { reasonOf, type BackendModule } from './backend.ts'
import { replaceAdd } from '../kernels/add-row.ts'
import { replaceBatchMatMul } from '../kernels/batch-matmul.ts'
import { registerFusedOps } from '../kernels/fused-ops.ts'
import { replaceIdentity } from '../kernels/identity.ts'
import { cpuName } from './cpu.ts'

const require = createRequire(import.meta.url)

/** A module whose one function uses a SIMD instruction (i8x16.splat): valid exactly where SIMD is. */
const simdProbe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]
)

/** WebAssembly with SIMD. Its own threads stay off: the pool has a worker for every core. */
export const wasm: BackendModule = {
  name: 'wasm',
  detect() {
    const found = { name: 'wasm' as const, software: false, adapter: '' }
    try {
      require.resolve('@tensorflow/tfjs-backend-wasm')
      const simd = WebAssembly.validate(simdProbe)
      return Promise.resolve({ ...found, available: true, adapter: `${cpuName()}${simd ? ', SIMD' : ', no SIMD'}` })
    } catch (error) {
      return Promise.resolve({ ...found, available: false, reason: reasonOf(error) })
    }
  },
  async setUp() {
    const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
    replaceAdd()
    replaceBatchMatMul()
    replaceIdentity()
    registerFusedOps()
    setThreadsCount(1)
    setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep)
  }
}
