/** Sets that are replaced, never changed: state that holds one changes by being given another. */

export const setOf = <T>(items: Iterable<T> = []): ReadonlySet<T> => new Set(items)

/** With the item, or without it: as said, or the other way round than before. */
export function toggled<T>(set: ReadonlySet<T>, item: T, on = !set.has(item)): ReadonlySet<T> {
  const next = new Set(set)
  if (on) next.add(item)
  else next.delete(item)
  return next
}
