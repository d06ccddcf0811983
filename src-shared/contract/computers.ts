/** Other computers: what is at the queue, and where a run went. */
import { z } from 'zod'
import { driftSchema } from '../exchange/drift.ts'
import { queueStateSchema } from '../shapes/place.ts'
import { id, nothing, type Calls } from './call.ts'

export const computerCalls = {
  /** Workers, what waits and what failed, as the server says now; the reason where it cannot be asked. */
  'computers.queue': { input: nothing, output: queueStateSchema },
  /** Keep the password of the queue's server in the system's keychain, for its address; empty: forget it. */
  'computers.keepPassword': { input: z.object({ password: z.string().max(1000) }), output: z.null() },
  /** Trials of a run that were answered twice, and not alike. */
  'runs.drifts': { input: z.object({ id }), output: z.array(driftSchema) }
} as const satisfies Calls
