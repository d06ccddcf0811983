import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { Migration } from './migrations/migration.ts'
import type { Database } from './port.ts'

/** "Engr" in ASCII: says that a SQLite file is ours. */
export const applicationId = 0x456e6772

export const latest = (migrations: readonly Migration[]): number => migrations.at(-1)?.version ?? 0

export const pragmaNumber = (database: Database, name: string): number =>
  database.pragma(name, { simple: true }) as number

const schemaText = `SELECT coalesce(sum(row_sum(type, name, tbl_name, sql)), 0) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'`
const hasSums = (database: Database): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_sum'").get() !== undefined

/** Remember what the schema's text is: a changed letter in it can change what a query finds. */
function sealSchema(database: Database): void {
  if (hasSums(database)) database.exec(`UPDATE schema_sum SET sum = (${schemaText})`)
}

/** Whether the schema is as the migrations left it. @param version what the file says it is */
export function schemaStands(database: Database, version: number): boolean {
  if (!hasSums(database)) return version < 13
  return version >= 13 && database.prepare(`SELECT sum = (${schemaText}) FROM schema_sum`).pluck().get() === 1
}

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
    sealSchema(database)
    database.pragma(`application_id = ${applicationId}`)
    if ((database.pragma('foreign_key_check') as unknown[]).length)
      throw new StudioError('internal', 'A migration of the store left dangling references; nothing was changed.')
  })
  apply.immediate()
}
