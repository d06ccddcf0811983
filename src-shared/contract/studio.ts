/** The studio itself: machine, settings, catalog. */
import { z } from 'zod'
import type { Catalog } from '../shapes/catalog.ts'
import { errorSchema } from '../shapes/errors.ts'
import { newModelSchema } from '../shapes/new-model.ts'
import { infoSchema } from '../shapes/machine.ts'
import { parityRequestSchema, paritySchema } from '../shapes/parity.ts'
import { pythonInfoSchema } from '../shapes/python.ts'
import { settingsChangeSchema, settingsSchema } from '../shapes/settings.ts'
import { nothing, type Calls, type Events } from './call.ts'

const catalogSchema = z.custom<Catalog>(
  (value) => typeof value === 'object' && value !== null,
  'It must be a catalog of models and tasks'
)

export const studioCalls = {
  'studio.info': { input: nothing, output: infoSchema },
  'settings.get': { input: nothing, output: settingsSchema },
  'settings.set': { input: settingsChangeSchema, output: settingsSchema },
  /** Ask the user, in a dialog of the desktop's own, for the folder of their models; null when they chose none. */
  'models.choose': { input: nothing, output: settingsSchema.nullable() },
  'catalog.get': { input: nothing, output: catalogSchema },
  /** Load the user's model folder again; errors per file. */
  'catalog.reload': {
    input: nothing,
    output: z.object({ catalog: catalogSchema, errors: z.array(errorSchema) })
  },
  /** The interpreter that runs Python models, or what is missing. */
  'python.info': { input: nothing, output: z.union([pythonInfoSchema, z.object({ missing: z.string() })]) },
  /** Write a template into the models folder, load it, and open it in the system's editor. */
  'models.new': {
    input: newModelSchema,
    output: z.object({ file: z.string(), opened: z.boolean() })
  },
  /** Let the user choose the interpreter, in a dialog of the host's. */
  'python.choose': { input: nothing, output: settingsSchema.nullable() },
  /** Hold a model to a class of the user's own; the result is kept. */
  'python.parity': { input: parityRequestSchema, output: paritySchema }
} as const satisfies Calls

export const studioEvents = {
  'engine.state': infoSchema.shape.engine,
  'settings.changed': settingsSchema
} as const satisfies Events
