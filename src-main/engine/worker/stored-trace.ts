import type { Trace } from '../../models/model.ts'
import type { StoredTrace } from '../../../src-shared/shapes/outcome.ts'

/**
 * One trial's share of a trace. It is written as text, so without digits that nobody sees: seven are what a float32
 * holds, and on a map a millionth of its strongest colour is none.
 */
export function storedTrace({ name, title, kind, axes, perTrial }: Trace, trial: number): StoredTrace {
  const trace = { name, title, kind, ...(axes && { axes }) }
  const value = perTrial[trial]
  if (!('data' in value)) return { ...trace, value }
  const largest = value.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const map = trace.kind === 'heatmap' || trace.kind === 'frames'
  const least = map ? 1e-6 * largest : 0
  const data = value.data.map((x) => (Math.abs(x) < least ? 0 : Number(x.toPrecision(7))))
  return { ...trace, value: { ...value, data } }
}
