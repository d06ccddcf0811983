/** Names for reports and blocks: time first, so that they sort by age. */
export const newId = (): string => `${Date.now().toString(36)}${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`

/** This moment, as a report keeps it. */
export const now = (): string => new Date().toISOString()
