/**
 * The closed catalogue of what can go wrong, as data: the same object crosses IPC, WebSocket and the CLI.
 * Errors cross a process by their code, never by their class.
 */
import { z } from 'zod'

/** Every code, with the CLI's exit code: 2 = the input is at fault, 1 = the studio or the machine is. */
export const errorCodes = {
  'bad-input': 2,
  'bad-file': 2,
  'not-found': 2,
  conflict: 2,
  'too-large': 2,
  'not-supported': 2,
  unauthorised: 1,
  'backend-unavailable': 1,
  'engine-crashed': 1,
  'engine-failed': 1,
  /** More than a GPU takes at once: of a buffer, a binding, a dispatch, or of its memory. */
  'device-limit': 1,
  'model-failed': 1,
  diverged: 1,
  cancelled: 1,
  'store-corrupt': 1,
  'store-newer': 1,
  'store-locked': 1,
  'store-gone': 1,
  'disk-full': 1,
  'read-only': 1,
  'connection-lost': 1,
  internal: 1
} as const

export type ErrorCode = keyof typeof errorCodes

/** With these a trial failed because of the machine: it has no result, and is computed again. */
export const machineCodes: readonly ErrorCode[] = [
  'engine-crashed',
  'engine-failed',
  'device-limit',
  'backend-unavailable'
]

export const errorSchema = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  /** One sentence that says what happened and what to do. */
  message: z.string(),
  /** The file it is about, as the user named it. */
  file: z.string().optional(),
  /** The field it is about, as a dotted path: `models.0.params.learningRate`. */
  field: z.string().optional(),
  /** What lay underneath, for the log: never needed to understand the message. */
  cause: z.string().optional()
})

export type ErrorData = z.infer<typeof errorSchema>

/** An error with a code of the catalogue. Thrown inside a process; `toErrorData` makes it cross. */
export class StudioError extends Error {
  readonly data: ErrorData
  constructor(code: ErrorCode, message: string, about: Omit<ErrorData, 'code' | 'message'> = {}) {
    super(message)
    this.name = 'StudioError'
    this.data = { code, message, ...about }
  }
}

/** The error that data describes, as it was before it crossed; `about` says more, or otherwise. */
export const errorOf = ({ code, message, ...rest }: ErrorData, about: Partial<ErrorData> = {}): StudioError =>
  new StudioError(code, message, { ...rest, ...about })

/** Any thrown thing as data; what is not a StudioError becomes `internal` with its cause kept. */
export function toErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof StudioError) return thrown.data
  if (thrown instanceof Error)
    return { code: 'internal', message: thrown.message, cause: thrown.stack ?? thrown.message }
  return { code: 'internal', message: String(thrown) }
}

/** One line for a terminal: `bad-input: learningRate must be at most 1 (file.json, models.0.params.learningRate)`. */
export function errorLine(error: ErrorData): string {
  const where = [error.file, error.field].filter(Boolean).join(', ')
  return `${error.code}: ${error.message}${where ? ` (${where})` : ''}`
}
