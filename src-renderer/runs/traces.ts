/** Traces of a trial as what the screen can draw: figures, maps, bars, trees, maps over time. */
import { z } from 'zod'
import type { FigureSpec } from '../../src-shared/figures/spec.ts'
import type { HeatMapSpec } from '../../src-shared/figures/measured.ts'
import { modelStyle } from '../../src-shared/figures/model-style.ts'

const numbers = z.object({
  shape: z.array(z.int()),
  data: z.array(z.number().nullable()),
  labels: z.array(z.string()).optional()
})
const place = z.object({ time: z.number(), position: z.number() })
const node = z.object({
  id: z.number(),
  parent: z.number().nullable(),
  level: z.number(),
  start: place,
  end: place,
  importance: z.number(),
  share: z.number().optional()
})
const traceSchema = z.object({
  name: z.string(),
  title: z.string(),
  kind: z.enum(['line', 'heatmap', 'bars', 'tree', 'frames']),
  axes: z.array(z.string()).optional(),
  value: z.union([z.object({ nodes: z.array(node) }), numbers])
})
type Numbers = z.infer<typeof numbers>
export type TraceNode = z.infer<typeof node>
export interface TraceBranch extends TraceNode {
  children: TraceBranch[]
}

/** A map at one moment; all moments of a trace have the same axes and scale. */
export interface MapFrame {
  label: string
  map: HeatMapSpec
}

export type TraceView = { name: string; title: string } & (
  | { kind: 'figure'; figure: FigureSpec }
  | { kind: 'map'; map: HeatMapSpec }
  | { kind: 'bars'; bars: { label: string; value: number | null }[] }
  | { kind: 'tree'; roots: TraceBranch[] }
  | { kind: 'frames'; frames: MapFrame[] }
  | { kind: 'unknown' }
)

/** More lines than this are a map. */
const mostLines = 8

export function traceView(stored: unknown, dark: boolean): TraceView {
  const parsed = traceSchema.safeParse(stored)
  if (!parsed.success) return { name: 'unknown', title: 'A trace of a form this studio does not know', kind: 'unknown' }
  const { name, title, kind, axes = [], value } = parsed.data
  const head = { name, title }
  if ('nodes' in value) return { ...head, kind: 'tree', roots: branches(value.nodes) }
  if (kind === 'bars') return { ...head, kind: 'bars', bars: bars(value) }
  if (kind === 'frames' && value.shape[0] > 0) return { ...head, kind: 'frames', frames: frames(title, axes, value) }
  if (kind === 'frames') return { name, title: `${title}: no moments`, kind: 'unknown' }
  const [rows, width = 1] = value.shape
  if (kind === 'line' && width <= mostLines) return { ...head, kind: 'figure', figure: lines(title, axes, value, dark) }
  return { ...head, kind: 'map', map: map(title, axes, value, rows, width) }
}

const bars = ({ data, labels }: Numbers): { label: string; value: number | null }[] =>
  data.map((value, i) => ({ label: labels?.[i] ?? String(i), value }))

function lines(title: string, axes: readonly string[], { shape, data, labels }: Numbers, dark: boolean): FigureSpec {
  const [rows, width = 1] = shape
  return {
    title,
    x: { label: axes[0] ?? 'Step', scale: 'linear' },
    y: { label: axes[1] ?? 'Value', scale: 'linear' },
    interval: 'band',
    series: Array.from({ length: width }, (_, column) => ({
      label: labels?.[column] ?? (width === 1 ? title : `${column + 1}`),
      style: modelStyle(column, 0, dark),
      points: Array.from({ length: rows }, (_, row) => ({ x: row, y: data[row * width + column] ?? null }))
    }))
  }
}

/** Rows are drawn from the top, as a matrix is written. */
function map(
  title: string,
  axes: readonly string[],
  { data, labels }: Numbers,
  rows: number,
  columns: number
): HeatMapSpec {
  // Labels, where there are any, name the rows and then the columns.
  const named = labels?.length === rows + columns ? labels : undefined
  const order = Array.from({ length: rows }, (_, i) => rows - 1 - i)
  return {
    title,
    x: { label: axes[1] ?? 'Column', ticks: Array.from({ length: columns }, (_, i) => named?.[rows + i] ?? String(i)) },
    y: { label: axes[0] ?? 'Row', ticks: order.map((row) => named?.[row] ?? String(row)) },
    values: order.map((row) => Array.from({ length: columns }, (_, column) => data[row * columns + column] ?? null)),
    value: { label: 'Value' }
  }
}

/** The labels name the frames, then the rows, then the columns. */
function frames(title: string, axes: readonly string[], { shape, data, labels = [] }: Numbers): MapFrame[] {
  const [count = 0, rows = 0, columns = 0] = shape
  const values = data.filter((value) => value !== null)
  const scale = values.reduce<readonly [number, number] | undefined>(
    (range, value) => (range ? [Math.min(range[0], value), Math.max(range[1], value)] : [value, value]),
    undefined
  )
  const named = labels.slice(count)
  return Array.from({ length: count }, (_, i) => {
    const part = { shape: [rows, columns], data: data.slice(i * rows * columns, (i + 1) * rows * columns) }
    const drawn = map(title, axes, { ...part, labels: named }, rows, columns)
    return { label: labels[i] ?? `frame ${i + 1}`, map: { ...drawn, value: { ...drawn.value, range: scale } } }
  })
}

/** Nodes under their parents. A node whose parent is not there, or is its own descendant, stands at the top. */
export function branches(nodes: readonly TraceNode[]): TraceBranch[] {
  const byId = new Map(nodes.map((n) => [n.id, { ...n, children: [] as TraceBranch[] }]))
  const reaches = (from: number | null, id: number): boolean => {
    const seen = new Set<number>()
    for (let at = from; at !== null && !seen.has(at); at = byId.get(at)?.parent ?? null) {
      if (at === id) return true
      seen.add(at)
    }
    return false
  }
  const roots: TraceBranch[] = []
  for (const branch of byId.values()) {
    const parent = branch.parent === null || reaches(branch.parent, branch.id) ? undefined : byId.get(branch.parent)
    if (parent) parent.children.push(branch)
    else roots.push(branch)
  }
  return roots
}
