import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { reasonOf, type BackendModule } from './backend.ts'
import { cpuName } from './cpu.ts'

/** Beside the built engine (and its chunks), or in the package. */
const places = ['wasm', '../wasm'].map((place) => join(import.meta.dirname, place))
const files = (): string =>
  places.find((place) => existsSync(join(place, 'tfjs-backend-wasm.wasm'))) ??
  dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))

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
      files()
      const simd = WebAssembly.validate(simdProbe)
      return Promise.resolve({ ...found, available: true, adapter: `${cpuName()}${simd ? ', SIMD' : ', no SIMD'}` })
    } catch (error) {
      return Promise.resolve({ ...found, available: false, reason: reasonOf(error) })
    }
  },
  async setUp() {
    const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
    const { replaceAdd } = await import('../kernels/add-row.ts')
    const { replaceBatchMatMul } = await import('../kernels/batch-matmul.ts')
    replaceAdd()
    replaceBatchMatMul()
    const { registerFusedOps } = await import('../kernels/fused-ops.ts')
    const { replaceIdentity } = await import('../kernels/identity.ts')
    const { guardKernels } = await import('./wasm-guard.ts')
    const { mendOps } = await import('./mended-ops.ts')
    replaceIdentity()
    registerFusedOps()
    mendOps('wasm')
    guardKernels()
    setThreadsCount(1)
    setWasmPaths(files() + sep)
  }
}
