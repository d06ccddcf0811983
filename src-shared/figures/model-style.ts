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

/** How models look: by label and id. */
export type Look = (label: string, model: string) => SeriesStyle

/**
 * The looks of models that stand beside each other: where two would share colour and marker, the later one takes the
 * next marker that its colour still has, then the next colour. All others keep the look they have everywhere.
 */
export function distinctLooks(models: readonly { label: string; model: string }[], look: Look): Look {
  const colours = [...new Set(models.map(({ label, model }) => look(label, model).colour))]
  const taken = new Set<string>()
  const own = new Map<string, SeriesStyle>()
  const keyOf = ({ colour, marker }: SeriesStyle): string => `${colour} ${marker}`
  for (const { label, model } of models) {
    if (own.has(label)) continue
    const usual = look(label, model)
    const first = markers.indexOf(usual.marker)
    const others = [usual.colour, ...colours.filter((colour) => colour !== usual.colour)].flatMap((colour) =>
      markers.map((_, i): SeriesStyle => {
        const shape = (first + i) % markers.length
        const dash = i
          ? dashes[(dashes.findIndex((d) => String(d) === String(usual.dash)) + i) % dashes.length]
          : usual.dash
        return { colour, dash, marker: markers[shape] }
      })
    )
    const style = others.find((one) => !taken.has(keyOf(one))) ?? usual
    taken.add(keyOf(style))
    own.set(label, style)
  }
  return (label, model) => own.get(label) ?? look(label, model)
}
