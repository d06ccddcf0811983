/** Where the window was, kept in a small file: a damaged or missing one means the default place. */
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const stateSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(640).max(20_000),
  height: z.int().min(480).max(20_000),
  maximized: z.boolean()
})
export type WindowState = z.infer<typeof stateSchema>

export interface Area {
  x: number
  y: number
  width: number
  height: number
}

/** The remembered place, if it can still be seen on one of the screens. */
export function readWindowState(file: string, screens: readonly Area[]): WindowState | undefined {
  let state: WindowState
  try {
    state = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
  const overlaps = (a: Area): boolean =>
    state.x < a.x + a.width && state.x + state.width > a.x && state.y < a.y + a.height && state.y + 40 > a.y
  return screens.some(overlaps) ? state : undefined
}

export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state))
  } catch {
    // A full or read-only disk must not keep the window from closing; the place is forgotten, nothing else.
  }
}
