/** The researcher's own Python: what can be set about it, and what is known of it. */
import { z } from 'zod'

export const pythonSettingsSchema = z.object({
  /** Path of the interpreter; empty: the active environment's, else python3. */
  interpreter: z.string().max(4000).default(''),
  /** Where torch computes: cpu, cuda:0, mps. */
  device: z.string().max(40).default('cpu'),
  /** How long one call of a model may take. */
  limitSeconds: z.number().min(1).max(86_400).default(60),
  /** What the Python of one worker may hold; 0: a fair share of this machine's memory. */
  memoryMiB: z.int().min(0).max(4_194_304).default(0)
})
export type PythonSettings = z.infer<typeof pythonSettingsSchema>

/** The interpreter in use. */
export const pythonInfoSchema = z.object({
  executable: z.string(),
  python: z.string(),
  numpy: z.string().nullable(),
  torch: z.string().nullable(),
  optuna: z.string().nullable().default(null),
  devices: z.array(z.string())
})
export type PythonInfo = z.infer<typeof pythonInfoSchema>

/** What to do where Optuna is asked for and not there. */
export const installOptuna = ({ executable }: Pick<PythonInfo, 'executable'>): string =>
  `Optuna is not installed in this Python: ${executable} -m pip install optuna`

/** Either an interpreter, or why there is none and what to do about it. */
export type PythonState = PythonInfo | { missing: string }
