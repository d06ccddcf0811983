/** The machine and the studio on it: backends, versions, and how the engine is. */
import { z } from 'zod'

export const backendSchema = z.object({
  name: z.enum(['tensorflow', 'webgpu', 'wasm', 'cpu']),
  available: z.boolean(),
  /** GPU adapter and driver, or the CPU's SIMD level. */
  adapter: z.string(),
  /** Why it is not available. */
  reason: z.string().optional()
})
export type Backend = z.infer<typeof backendSchema>

export const infoSchema = z.object({
  version: z.string(),
  commit: z.string(),
  host: z.enum(['desktop', 'serve', 'cli']),
  dataFolder: z.string(),
  node: z.string(),
  electron: z.string().optional(),
  os: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  workers: z.int(),
  backends: z.array(backendSchema),
  engine: z.object({ state: z.enum(['starting', 'ready', 'crashed']), message: z.string() }),
  /** Set when the store had to be repaired or opened read-only at the start: said to the user once. */
  storeNotice: z.string().optional()
})
export type StudioInfo = z.infer<typeof infoSchema>
