/**
 * A figure as plain data: what a chart on the screen and an SVG in a report both draw from, so that a figure looks the
 * same wherever it is. Statistics are already done: a point carries its interval.
 */
import type { Direction } from '../shapes/catalog.ts'

/** `category`: x is an index into `categories`, for swept values that are not numbers; points beside it belong to it. */
export type FigureScale = 'linear' | 'log' | 'category'

export interface FigureAxis {
  label: string
  unit?: string
  scale: FigureScale
  categories?: readonly string[]
  /** Only whole numbers have a meaning: ticks stand on them. */
  integer?: boolean
  /** Fixed ends; otherwise the data's, padded. */
  range?: readonly [number, number]
  /** Beyond these there are no values: the ends do not go there. */
  within?: readonly [number, number]
}

/** A model's look: one per model everywhere. Never colour alone: dash and marker say it too. */
export interface SeriesStyle {
  /** CSS colour, readable on the background it is drawn on. */
  colour: string
  /** Canvas line dash, in px: [] is solid. */
  dash: readonly number[]
  marker: 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'plus' | 'star'
}

/** y is null where there is no value (all trials diverged): the line has a gap there. */
export interface FigurePoint {
  x: number
  y: number | null
  /** Ends of the interval; absent when n = 1. */
  low?: number
  high?: number
  /** Trials behind it. */
  n?: number
}

export interface FigureSeries {
  label: string
  style: SeriesStyle
  points: readonly FigurePoint[]
  /** The trials behind the means, shown on demand. */
  members?: readonly { seed: number; points: readonly FigurePoint[] }[]
}

/** A dashed line that is not a measurement: chance level (y), a threshold (y or x), a theory curve (points). */
export interface FigureReference {
  label: string
  dash: readonly number[]
  y?: number
  x?: number
  points?: readonly { x: number; y: number }[]
  colour?: string
  /** The series that it belongs to, and is hidden with. */
  of?: string
  /** The formula of a curve of theory: such references can be switched off. */
  tex?: string
}

/** An interval that was predicted, at one x or (without) over the whole width. */
export interface FigureBand {
  label: string
  x?: number
  low: number
  high: number
  colour: string
}

/** What the quantity of a figure is: in words, as a formula, and where that is from. */
export interface FigureDefinition {
  help: string
  tex: string
  source: string
}

export interface FigureSpec {
  title: string
  definition?: FigureDefinition
  x: FigureAxis
  y: FigureAxis & { direction?: Direction }
  series: readonly FigureSeries[]
  references?: readonly FigureReference[]
  bands?: readonly FigureBand[]
  /** What one of the series' members is; a seed if left out. */
  member?: string
  /** Points alone, without lines from one to the next. */
  scatter?: boolean
  /** How intervals are drawn: bars at sweep points, a band along a learning curve. */
  interval: 'bars' | 'band'
  /** They reach unequally far up and down (a bootstrap's): their ends are said, not a ±. */
  asymmetric?: boolean
  /** How they were computed, in words: `95 % t interval over seeds`. Absent when nothing has one. */
  method?: string
  /** What is in the data and not in the figure, because it is damaged there. */
  damage?: string
  /** What else is said under it: residuals of theory. */
  remarks?: readonly string[]
}

const arrows = { higher: ' ↑', lower: ' ↓', none: '' } as const

/** A quantity with its unit. */
export const withUnit = ({ label, unit }: { label: string; unit?: string }): string =>
  unit ? `${label} (${unit})` : label

/** An axis title with its unit, but for bytes, whose ticks say it, and a metric's arrow of the better direction: `Time (ms) ↓`. */
export function axisTitle(axis: FigureAxis & { direction?: Direction }): string {
  return `${axis.unit === 'B' ? axis.label : withUnit(axis)}${arrows[axis.direction ?? 'none']}`
}
