/** Seeds as people read them: `0 to 19`, or the list, of a long one its begin. */
export function seedsText(seeds: readonly number[], most = 12): string {
  const run = seeds.length > 2 && seeds.every((seed, i) => i === 0 || seed === seeds[i - 1] + 1)
  if (run) return `${seeds[0]} to ${seeds.at(-1)}`
  return seeds.length > most ? `${seeds.slice(0, most).join(', ')}, … (${seeds.length})` : seeds.join(', ')
}
