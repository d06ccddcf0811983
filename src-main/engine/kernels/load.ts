/** Finds and loads the compiled kernels of `npm run build`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What assembly/slots.ts exports. Addresses are bytes in `memory`. */
export interface SlotExports {
  memory: WebAssembly.Memory
  heapBase(): number
  writeEpisodes(...args: number[]): void
  writeJointly(...args: number[]): void
  read(...args: number[]): void
  adam(...args: number[]): void
  delta(...args: number[]): void
  graph(...args: number[]): void
}

export type Loaded = { exports: SlotExports; file: string } | { reason: string }

/** out/kernels, seen from the source tree and from the bundle in out/main (or a chunk of it). */
const places = ['../../../out/kernels', '../kernels', '../../kernels']
const variants = ['slots-relaxed.wasm', 'slots.wasm']

/** The first variant that this machine's WebAssembly accepts. */
export function loadSlotExports(from: string = import.meta.dirname): Loaded {
  const folder = places.map((place) => join(from, place)).find((path) => existsSync(join(path, variants[1]!)))
  if (!folder) return { reason: 'not built: run npm run build' }
  for (const name of variants) {
    const file = join(folder, name)
    if (!existsSync(file)) continue
    const bytes = readFileSync(file)
    if (!WebAssembly.validate(bytes)) continue
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {})
    return { exports: exports as unknown as SlotExports, file: name }
  }
  return { reason: 'this WebAssembly engine has no SIMD' }
}
