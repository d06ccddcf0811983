/** The studio itself: machine, settings, catalog. */
import { z } from 'zod'
import type { Catalog } from '../shapes/catalog.ts'
import { errorSchema } from '../shapes/errors.ts'
import { infoSchema } from '../shapes/machine.ts'
import { settingsChangeSchema, settingsSchema } from '../shapes/settings.ts'
import { nothing, type Calls, type Events } from './call.ts'

const catalogSchema = z.custom<Catalog>((value) => typeof value === 'object' && value !== null)

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
  }
} as const satisfies Calls

export const studioEvents = {
  'engine.state': infoSchema.shape.engine,
  'settings.changed': settingsSchema
} as const satisfies Events
