/**
 * One look per model, the same on every page and in every report: a colour of Okabe and Ito (2008), a dash and a
 * marker, so that no model is told by colour alone. The colours are darkened (light theme) or lightened (dark theme) to
 * at least 3:1 against the surface; yellow and black change most.
 */
import type { Catalog } from '../shapes/catalog.ts'
import type { SeriesStyle } from './spec.ts'

export const palettes = {
  light: ['#0072b2', '#d55e00', '#00845f', '#b3518d', '#a87400', '#1f8bc4', '#857800', '#1a1a1a'],
  dark: ['#3d9be0', '#ff7a2a', '#1fbf93', '#e08fbd', '#f0a81c', '#8dd0f7', '#f0e442', '#f4f4f4']
} as const

export const markers = ['circle', 'square', 'triangle', 'diamond', 'star', 'cross', 'plus'] as const
const dashes = [[], [7, 3], [2, 3], [9, 3, 2, 3], [12, 4], [4, 2], [9, 3, 2, 3, 2, 3]] as const

/** The look of the model at a place of the catalog; `variant` tells models of one kind apart. */
export function modelStyle(place: number, variant: number, dark: boolean): SeriesStyle {
  const colours = dark ? palettes.dark : palettes.light
  const count = colours.length
  const round = Math.floor(place / count)
  // Places 0-7 differ in colour; models of one colour in different rounds of eight share no shape. Every other round
  // begins one colour later, so that neighbours of the catalog stay apart.
  const step = (place + variant + (round % 2)) % count
  const shape = step + round + Math.floor(variant / count)
  return {
    colour: colours[step],
    dash: dashes[shape % dashes.length],
    marker: markers[shape % markers.length]
  }
}

/**
 * 0 for a model labelled by its id or title, however spelled (`True episodic` is `true-episodic`); otherwise a number
 * that the label alone decides (`hopfield #3` gives 2).
 */
export function variantOf(label: string, model: string, title = model): number {
  const names = [plain(model), plain(title)]
  if (names.includes(plain(label))) return 0
  const repeat = /^(.*) #(\d+)$/.exec(label)
  if (repeat && names.includes(plain(repeat[1]))) return Number(repeat[2]) - 1
  let hash = 0
  for (const character of label) hash = (Math.imul(hash, 31) + character.codePointAt(0)!) >>> 0
  return 1 + (hash % (palettes.light.length * markers.length - 1))
}

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** The look of a model of an experiment, by its label and id. */
export function styleIn(models: Catalog['models'], label: string, model: string, dark: boolean): SeriesStyle {
  const place = models.findIndex(({ id }) => id === model)
  return modelStyle(Math.max(place, 0), variantOf(label, model, models[place]?.title), dark)
}
