import { settingsSchema, type Settings } from '../../src-shared/shapes/settings.ts'
import type { Database } from './port.ts'
import { sound } from './sums.ts'

export type SettingsReader = ReturnType<typeof settingsReader>
export type SettingsWriter = ReturnType<typeof settingsWriter>

export function settingsReader(database: Database) {
  const all = database.prepare<[], { name: string; json: string }>(
    `SELECT name, json FROM settings WHERE ${sound('settings')}`
  )
  return {
    /** What is stored over the defaults; a value that is damaged or no longer fits its schema falls back to its default. */
    settings(): Settings {
      const settings: Record<string, unknown> = settingsSchema.parse({})
      for (const { name, json } of all.all()) {
        const known = settingsSchema.shape[name as keyof Settings]
        const value = known?.safeParse(JSON.parse(json))
        if (value?.success) settings[name] = value.data
      }
      return settings as Settings
    }
  }
}

export function settingsWriter(database: Database) {
  const put = database.prepare(
    'INSERT INTO settings (name, json) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET json = excluded.json'
  )
  return {
    saveSettings: database.transaction((change: Partial<Settings>): void => {
      for (const [name, value] of Object.entries(change)) if (value !== undefined) put.run(name, JSON.stringify(value))
    })
  }
}
