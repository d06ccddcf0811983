/** What a reading thread is told and tells. */
import type { Catalog } from '../../../src-shared/shapes/catalog.ts'
import type { ErrorData } from '../../../src-shared/shapes/errors.ts'
import type { OwnReadName, ReadName } from './reads.ts'

export interface ReadTask {
  name: ReadName | OwnReadName
  /** As the contract's schema left it. */
  input: unknown
  tasks: Catalog['tasks']
}

/** First that it can be asked, then answers. */
export type FromReader = { ready: true } | { json: Uint8Array<ArrayBuffer> } | { error: ErrorData }

/** What an answer of too many numbers is refused with. */
export const tooLong: ErrorData = {
  code: 'too-large',
  message: 'This answer is too large for one message. Ask for fewer runs at a time, or export them to a file.'
}

/** Characters of one answer; what is larger is asked for in parts or exported. */
export const longestAnswer = 128 * 2 ** 20
