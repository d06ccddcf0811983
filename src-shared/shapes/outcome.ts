/** What computing a trial gives: its numbers, curves and traces, and how far an unfinished training has come. */
import type { ErrorData } from './errors.ts'

export type TraceValue =
  { shape: readonly number[]; data: readonly number[]; labels?: readonly string[] } | { nodes: readonly TreeNode[] }
export interface TreeNode {
  id: number
  parent: number | null
  level: number
  start: { time: number; position: number }
  end: { time: number; position: number }
  importance: number
  /** Its share of the last retrieve, if it matched. */
  share?: number
}

export interface StoredTrace {
  name: string
  title: string
  kind: 'line' | 'heatmap' | 'bars' | 'tree' | 'frames'
  axes?: readonly string[]
  value: TraceValue
}

export interface TrialOutcome {
  cell: number
  seed: number
  /** The trial's identity hash. */
  hash: string
  status: 'done' | 'diverged' | 'failed'
  error: ErrorData | null
  metrics: Record<string, number>
  series: Record<string, { x: number[]; y: number[] }>
  traces: StoredTrace[]
  /** The batch's compute time divided by its trials. */
  elapsedMs: number
  backend: string
}

/** The training of one trial so far, in bytes that only the engine reads. */
export interface Checkpoint {
  seed: number
  state: Uint8Array
}
