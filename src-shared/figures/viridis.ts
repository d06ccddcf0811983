/** A perceptually even scale, dark to light, readable without colour vision: 11 stops of matplotlib's viridis. */
const stops = [
  [68, 1, 84],
  [72, 36, 117],
  [65, 68, 135],
  [53, 95, 141],
  [42, 120, 142],
  [33, 145, 140],
  [34, 168, 132],
  [68, 191, 112],
  [122, 209, 81],
  [189, 223, 38],
  [253, 231, 37]
] as const

/** Red, green and blue (0 to 255) at t from 0 to 1. */
export function viridis(t: number): [number, number, number] {
  const at = Math.min(1, Math.max(0, t)) * (stops.length - 1)
  const i = Math.min(stops.length - 2, Math.floor(at))
  const mix = (k: 0 | 1 | 2): number => Math.round(stops[i][k] + (stops[i + 1][k] - stops[i][k]) * (at - i))
  return [mix(0), mix(1), mix(2)]
}

export const viridisCss = (t: number): string => `rgb(${viridis(t).join(' ')})`
