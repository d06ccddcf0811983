/** A place on the axes of a sweep. */
import { z } from 'zod'

export const axisValueSchema = z.union([z.number(), z.boolean(), z.string().max(200)])
export type AxisValue = z.infer<typeof axisValueSchema>
/** A trial's place on the sweep axes, by the parameter's bare name: `{ items: 20 }`. */
export type Point = Record<string, AxisValue>

/** Whether a result lies at a place; an axis it does not have (another model's own parameter) does not exclude it. */
export function liesAt(point: Point, at: Point): boolean {
  return Object.entries(at).every(([name, value]) => point[name] === undefined || point[name] === value)
}
