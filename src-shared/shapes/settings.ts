/** What a user can set. */
import { z } from 'zod'
import { backendChoices } from './experiment.ts'

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  backend: z.enum(backendChoices).default('auto'),
  /** Worker threads; 0 = one per core. */
  workers: z.int().min(0).max(256).default(0),
  /** Folder of the user's own models, or empty. The code in it is run. */
  modelFolder: z.string().max(4000).default(''),
  /** The renderer's remembered layout, by page. */
  layout: z.record(z.string(), z.json()).default({})
})
export type Settings = z.infer<typeof settingsSchema>

/** Only the settings it names: `settingsSchema.partial()` would fill in the defaults of the others. */
const { theme, backend, workers, layout } = settingsSchema.shape
export const settingsChangeSchema = z
  .object({
    theme: theme.unwrap(),
    backend: backend.unwrap(),
    workers: workers.unwrap(),
    // A page can leave the folder, never name one: the code in it is run.
    modelFolder: z.literal(''),
    layout: layout.unwrap()
  })
  .partial()
