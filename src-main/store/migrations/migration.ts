import type { Database } from '../port.ts'

/** One step of the schema. It imports nothing but its own copies: what it did once it does for ever. */
export interface Migration {
  /** The schema's number after it; the file's `user_version`. */
  version: number
  /** Runs inside a transaction with foreign keys off; they are checked before it commits. */
  up(database: Database): void
}
