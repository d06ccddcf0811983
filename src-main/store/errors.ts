/** What SQLite and the file system report, as the studio's typed errors. */
import Sqlite from 'better-sqlite3'
import { StudioError, type ErrorCode } from '../../src-shared/shapes/errors.ts'

export const damagedFile =
  'The data file is damaged. Start the studio again: it keeps the damaged file and restores the newest good backup.'

const messages: readonly [pattern: RegExp, code: ErrorCode, message: string][] = [
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, 'disk-full', 'The disk is full. Free some space, then resume the run.'],
  [
    /^(SQLITE_READONLY|SQLITE_PERM|EROFS|EACCES|EPERM)/,
    'read-only',
    'The data folder cannot be written. Change its permissions or choose another folder with --data.'
  ],
  [/^(SQLITE_CORRUPT|SQLITE_NOTADB)/, 'store-corrupt', damagedFile],
  [
    /^(SQLITE_BUSY|SQLITE_LOCKED)/,
    'store-locked',
    'Another Engram Studio is using this data folder. Close it, or choose another folder with --data.'
  ],
  [/^(ENOTDIR|EEXIST)/, 'bad-input', 'The data folder is a file, or would lie below one. Choose a folder with --data.'],
  [
    /^ENAMETOOLONG/,
    'bad-input',
    'The path of the data folder is too long for this system. Choose a shorter one with --data.'
  ],
  [
    /^(SQLITE_CANTOPEN|ENOENT|EISDIR)/,
    'read-only',
    'The data file cannot be opened. Check that the data folder exists and may be written, or choose another with --data.'
  ]
]

/**
 * True for errors that say, of a file that is only being examined, that it is damaged. SQLITE_ERROR among them: there
 * it means a table that must be there is not, or a format number that no SQLite has.
 */
export function isDamage(thrown: unknown): boolean {
  return /^(SQLITE_CORRUPT|SQLITE_NOTADB|SQLITE_ERROR$)/.test(codeOf(thrown))
}

export function storeError(thrown: unknown, file?: string): Error {
  if (thrown instanceof StudioError) return thrown
  const code = codeOf(thrown)
  const known = messages.find(([pattern]) => pattern.test(code))
  const cause = thrown instanceof Error ? `${code} ${thrown.message}`.trim() : String(thrown)
  if (known) return new StudioError(known[1], known[2], { ...(file && { file }), cause })
  if (thrown instanceof Sqlite.SqliteError)
    return new StudioError('internal', `The store failed: ${thrown.message}.`, { ...(file && { file }), cause })
  return thrown instanceof Error ? thrown : new Error(cause)
}

function codeOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : ''
}

/** What the file system reports of a file that the user names or brings. */
export function fileError(thrown: unknown, file: string): Error {
  if (thrown instanceof StudioError) return thrown
  const code = codeOf(thrown)
  const cause = thrown instanceof Error ? `${code} ${thrown.message}`.trim() : String(thrown)
  if (/^(ENOSPC|EDQUOT)$/.test(code))
    return new StudioError('disk-full', 'The disk is full. Free some space, then try again.', { file, cause })
  if (/^(EROFS|EACCES|EPERM)$/.test(code))
    return new StudioError(
      'read-only',
      'Nothing may be written there. Change its permissions or choose another place.',
      {
        file,
        cause
      }
    )
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new StudioError('not-found', 'There is no such folder to write to.', { file, cause })
  if (/^E[A-Z]+$/.test(code))
    return new StudioError('bad-file', `This file cannot be written (${code}).`, { file, cause })
  return thrown instanceof Error ? thrown : new Error(cause)
}

type Functions = Record<string, (...args: never[]) => unknown>

/** The same functions, their failures translated. @param before what must hold whenever one is called */
export function guarded<T extends Functions>(functions: T, file: string, before: () => void = () => {}): T {
  const out: Record<string, unknown> = {}
  for (const [name, call] of Object.entries(functions))
    out[name] = (...args: never[]): unknown => {
      try {
        before()
        return call(...args)
      } catch (error) {
        throw storeError(error, file)
      }
    }
  return out as T
}
