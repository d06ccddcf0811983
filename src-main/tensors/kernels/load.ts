/** Finds and loads the compiled kernels of `npm run build`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What assembly/slots.ts exports. Addresses are bytes in the memory that the kernels were given. */
export interface SlotExports {
  heapBase(): number
  writeEpisodes(...args: number[]): void
  writeJointly(...args: number[]): void
  attend(...args: number[]): void
  attendWork(slots: number, dim: number, valueDim: number, contextDim: number): number
  adam(...args: number[]): void
  delta(...args: number[]): void
  graph(...args: number[]): void
  exponentialRoom(): number
  jointWork(slots: number, dim: number): number
  neighbours(...args: number[]): void
  neighboursWork(slots: number, dim: number, neighbours: number): number
  tanhSums(...args: number[]): void
  tanhSumsWork(inner: number): number
  meanAttention(...args: number[]): void
  meanAttentionWork(size: number, dim: number): number
  addRow(...args: number[]): void
  convolve(...args: number[]): void
  convolveBack(...args: number[]): void
  recur(...args: number[]): void
  recurWork(dk: number, dv: number): number
  recurBack(...args: number[]): void
  recurBackWork(length: number, dk: number, dv: number): number
  takeRows(...args: number[]): void
  takeRowsBack(...args: number[]): void
  repeatRow(...args: number[]): void
  repeatRowBack(...args: number[]): void
  normRows(...args: number[]): void
  normRowsBack(...args: number[]): void
  silu(...args: number[]): void
  siluBack(...args: number[]): void
  siluWork(): number
  attendSelf(...args: number[]): void
  attendSelfWork(length: number, entries: number, dk: number, dv: number): number
  attendSelfBack(...args: number[]): void
  attendSelfBackWork(length: number, entries: number, dk: number, dv: number): number
  matmuls(...args: number[]): void
  matmulWork(n: number, k: number): number
}

export interface Loaded {
  /** The kernels on some memory. They hold no data of their own. */
  on(memory: WebAssembly.Memory): SlotExports
  file: string
}

/** The kernels seen from the source tree, and from the bundle in out/engine or a chunk of it. */
const places = ['../../../out/kernels', 'kernels', '../kernels']
const variants = ['slots-relaxed.wasm', 'slots.wasm']

/** The first variant that this machine's WebAssembly accepts, or why there is none. */
export function findKernels(from: string = import.meta.dirname): Loaded | { reason: string } {
  const folder = places.map((place) => join(from, place)).find((path) => existsSync(join(path, variants[1]!)))
  if (!folder) return { reason: 'not built: run npm run build' }
  for (const name of variants) {
    const file = join(folder, name)
    if (!existsSync(file)) continue
    const bytes = readFileSync(file)
    if (!WebAssembly.validate(bytes)) continue
    const compiled = new WebAssembly.Module(bytes)
    const on = (memory: WebAssembly.Memory): SlotExports =>
      new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as SlotExports
    return { on, file: name }
  }
  return { reason: 'this WebAssembly engine has no SIMD' }
}

let on = true
let found: Loaded | { reason: string } | undefined

/** Use the fused kernels (the default) or the plain ops that are their oracle: for tests and the benchmark. */
export function setKernels(use: boolean): void {
  on = use
}

/** Whether fused kernels are to be used. */
export const kernelsWanted = (): boolean => on

/** The kernels of this machine, looked for once; undefined where there are none or they are switched off. */
export function kernelsInUse(): Loaded | undefined {
  const kernels = on ? kernelsHere() : undefined
  return kernels && 'reason' in kernels ? undefined : kernels
}

/** The same, whether they are switched off or not, or why there are none. */
export const kernelsHere = (): Loaded | { reason: string } => (found ??= findKernels())
