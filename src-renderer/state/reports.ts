/** Making reports: from their own page, and from what is looked at on others. */
import type { Block } from '../../src-shared/shapes/report.ts'
import { ask } from './ask.ts'

/** Names for reports and blocks: time first, so that they sort by age. */
export const newId = (): string => `${Date.now().toString(36)}${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`

/** This moment, as a report keeps it. */
export const now = (): string => new Date().toISOString()

/** A copy of a report, saved. @returns its id */
export async function duplicateReport(id: string): Promise<string> {
  const { title, blocks } = await ask('reports.get', { id })
  return createReport(`${title.slice(0, 190)} (copy)`, blocks)
}

/** A new report with these blocks, saved. @returns its id */
export async function createReport(title: string, blocks: Block[] = []): Promise<string> {
  const created = now()
  const id = newId()
  await ask('reports.save', { report: { id, title, created, changed: created, blocks } })
  return id
}
