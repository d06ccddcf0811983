/** What a user can set. */
import { z } from 'zod'
import { backendChoices } from './experiment.ts'
import { paritySchema } from './parity.ts'
import { pythonSettingsSchema } from './python.ts'

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  backend: z.enum(backendChoices).default('auto'),
  /** Worker threads; 0 = one per core. */
  workers: z.int().min(0).max(256).default(0),
  /** Folder of the user's own models, or empty. The code in it is run. */
  modelFolder: z.string().max(4000).default(''),
  /** What runs the models of Python files. */
  python: pythonSettingsSchema.prefault({}),
  /** The last check of each model against a class of the user's own; the studio writes it. */
  parity: z.record(z.string(), paritySchema).default({}),
  /** Address of the server of the queue, without a password, or empty. */
  queue: z.string().max(500).default(''),
  /** The renderer's remembered layout, by page. */
  layout: z.record(z.string(), z.json()).default({})
})
export type Settings = z.infer<typeof settingsSchema>

/** Only the settings it names: `settingsSchema.partial()` would fill in the defaults of the others. */
const { theme, backend, workers, queue, layout } = settingsSchema.shape
const { device, limitSeconds, memoryMiB } = pythonSettingsSchema.shape
export const settingsChangeSchema = z
  .object({
    theme: theme.unwrap(),
    backend: backend.unwrap(),
    workers: workers.unwrap(),
    // A page can leave the folder, never name one: the code in it is run.
    modelFolder: z.literal(''),
    // Nor the interpreter, which is run.
    python: z
      .object({
        interpreter: z.literal(''),
        device: device.unwrap(),
        limitSeconds: limitSeconds.unwrap(),
        memoryMiB: memoryMiB.unwrap()
      })
      .partial(),
    queue: queue.unwrap(),
    layout: layout.unwrap()
  })
  .partial()
export type SettingsChange = z.infer<typeof settingsChangeSchema>
