/** A tensor's numbers, row-major, outside of any backend: what weights files and fixtures hold. */
export interface NamedTensor {
  shape: readonly number[]
  data: Float32Array
}
/** Tensors by their state_dict name. */
export type NamedTensors = ReadonlyMap<string, NamedTensor>
