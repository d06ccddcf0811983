/**
 * Which axis of the results is drawn, and at which values of the others: the one choice that pages, reports of runs and
 * composed reports share.
 */
import type { Catalog, TaskInfo } from '../shapes/catalog.ts'
import type { Point } from '../shapes/point.ts'
import { sweptAxes, type SweptAxis } from '../findings/results.ts'
import { canonical } from '../grid/identity.ts'
import { valueText } from '../text/numbers.ts'
import type { FigureAxis } from './spec.ts'

export interface AxisWish {
  /** Of the axis to draw. */
  axis?: string | undefined
  /** Values of axes that are not drawn. */
  at?: Point
  /** One axis, two for a map, none for what is drawn over steps or trials. */
  drawn?: 0 | 1 | 2
  /** The points were drawn at random: an axis is drawn over all values of the others. */
  scattered?: boolean
}

export interface AxisChoice {
  /** The axes with more than one value: these can be drawn, and say something as a place. */
  drawable: SweptAxis[]
  axis: SweptAxis | undefined
  /** Of a map, the vertical axis. */
  second: SweptAxis | undefined
  /** Drawable axes of which one value is shown. */
  others: SweptAxis[]
  /** A value for every axis that is not drawn, so that no two points are pooled. */
  at: Point
}

/** The wished axis where it can be drawn, else the first of numbers, else the first; wished values where they exist. */
export function chooseAxes(
  results: readonly { point: Point }[],
  { axis: wished, at = {}, drawn = 1, scattered = false }: AxisWish = {}
): AxisChoice {
  const axes = sweptAxes(results)
  const drawable = axes.filter(({ values }) => values.length > 1)
  const first = drawable.find(({ name }) => name === wished) ?? drawable.find(({ numeric }) => numeric) ?? drawable[0]
  const axis = drawn > 0 ? first : undefined
  const second = drawn > 1 ? drawable.find((other) => other !== axis) : undefined
  const rest = scattered ? [] : axes.filter((other) => other !== axis && other !== second)
  return {
    drawable,
    axis,
    second,
    others: rest.filter((other) => drawable.includes(other)),
    at: Object.fromEntries(
      rest.map(({ name, values }) => [name, values.includes(at[name]) ? at[name] : values[0]] as const)
    )
  }
}

/** Every place of the axes that are not drawn, as it occurs in the results; a result without one of them lies at its first value. */
export function placesOf(results: readonly { point: Point }[], { others, at }: AxisChoice): Point[] {
  const places = new Map<string, Point>()
  for (const { point } of results) {
    const own = others.map(({ name, values }) => [name, point[name] ?? values[0]] as const)
    const place = { ...at, ...Object.fromEntries(own) }
    places.set(canonical(place), place)
  }
  return places.size ? [...places.values()] : [at]
}

/** What an axis is called and how it is scaled, from the parameter that was swept. */
export function axisOf(axis: SweptAxis, catalog: Catalog, task: TaskInfo | undefined): FigureAxis {
  const param =
    task?.params[axis.name] ?? catalog.models.find((model) => Object.hasOwn(model.params, axis.name))?.params[axis.name]
  const named = { label: param?.label ?? axis.name, ...(param?.unit && { unit: param.unit }) }
  if (!axis.numeric) return { ...named, scale: 'category', categories: axis.values.map(String) }
  const log = param && 'scale' in param && param.scale === 'log' && Number(axis.values[0]) > 0
  return { ...named, scale: log ? 'log' : 'linear' }
}

/** `Accuracy, noise level = 0.1`: the axes that have but one value, or are drawn, say nothing. */
export function titleAt(
  label: string,
  at: Point,
  { drawable }: Pick<AxisChoice, 'drawable'>,
  catalog: Catalog,
  task: TaskInfo | undefined
): string {
  const shown = drawable.filter(({ name }) => at[name] !== undefined)
  return withPlace(
    label,
    shown.map((axis) => [axisOf(axis, catalog, task).label.toLowerCase(), at[axis.name]])
  )
}

/** `accuracy, items = 20`. */
export const titled = (label: string, at: Point): string => withPlace(label, Object.entries(at))

const withPlace = (label: string, place: readonly (readonly [string, unknown])[]): string =>
  [label, ...place.map(([name, value]) => `${name} = ${valueText(value)}`)].join(', ')
