/** The parts of the wasm backend that kernels on its own memory use, some of which its types leave out. */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'

export interface WasmBackend extends Pick<
  BackendWasm,
  'dataIdMap' | 'makeOutput' | 'disposeData' | 'incRef' | 'typedArrayFromHeap'
> {
  wasm: { asm: { memory: WebAssembly.Memory } }
}

export const memoryOf = ({ wasm }: WasmBackend): WebAssembly.Memory => wasm.asm.memory

/** Where a tensor begins, in bytes. */
export const addressOf = ({ dataIdMap }: WasmBackend, { dataId }: TensorInfo): number =>
  dataIdMap.get(dataId).memoryOffset
