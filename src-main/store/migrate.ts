import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { Migration } from './migrations/migration.ts'
import type { Database } from './port.ts'

/** "Engr" in ASCII: says that a SQLite file is ours. */
export const applicationId = 0x456e6772

export const latest = (migrations: readonly Migration[]): number => migrations.at(-1)?.version ?? 0

export const pragmaNumber = (database: Database, name: string): number =>
  database.pragma(name, { simple: true }) as number

/** Bring a file to the newest schema, all in one transaction: after a failure the file is what it was. */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  const from = pragmaNumber(database, 'user_version')
  const pending = migrations.filter(({ version }) => version > from)
  if (!pending.length) return
  database.pragma('foreign_keys = OFF')
  const apply = database.transaction(() => {
    for (const { version, up } of pending) {
      up(database)
      database.pragma(`user_version = ${version}`)
    }
    database.pragma(`application_id = ${applicationId}`)
    if ((database.pragma('foreign_key_check') as unknown[]).length)
      throw new StudioError('internal', 'A migration of the store left dangling references; nothing was changed.')
  })
  apply.immediate()
}
