/** Names for reports and blocks: time first, so that they sort by age. */
export const newId = (): string => `${Date.now().toString(36)}${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`
