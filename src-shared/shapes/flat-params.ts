/**
 * Parameters by dotted names, as filters, groups and axes know them: numbers as numbers, all else as text. Lists stay out.
 */
export function flatParams(params: Readonly<Record<string, unknown>>, prefix = ''): [string, number | string][] {
  return Object.entries(params).flatMap(([name, value]): [string, number | string][] => {
    if (typeof value === 'number') return Number.isFinite(value) ? [[prefix + name, value]] : []
    if (typeof value === 'string' || typeof value === 'boolean') return [[prefix + name, String(value)]]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    return flatParams(value as Record<string, unknown>, `${prefix}${name}.`)
  })
}
