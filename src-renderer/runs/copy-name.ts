/** A run's or experiment's name holds at most this many characters. */
const longest = 200

/** `Capacity` gives `Capacity (copy)`, that gives `Capacity (copy 2)`. */
export function copyName(name: string): string {
  const known = / \(copy(?: (\d+))?\)$/.exec(name)
  const suffix = known ? ` (copy ${Number(known[1] ?? 1) + 1})` : ' (copy)'
  return name.slice(0, known?.index).slice(0, longest - suffix.length) + suffix
}
