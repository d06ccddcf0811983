/** What the engine and the process that loads a user's files say to each other. */
import type { ErrorData } from '../../../src-shared/shapes/errors.ts'
import type { ModelFile } from '../worker-calls.ts'

export interface TryRequest {
  file: string
}

/** One file, loaded. Without a model and an error it is a helper of others. */
export interface TriedFile {
  file: string
  model?: ModelFile
  error?: ErrorData
  /** The files of its own that it imports. */
  imports: string[]
}
