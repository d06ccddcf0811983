import type { Trace } from '../../models/model.ts'

/**
 * A memory's maps over queries with the names of what was asked for beside their rows, and beside their columns where
 * those are stored items: "cat" attending to "dog". Other traces as they are.
 * @param names of the items, per trial; items that were stored more than once are named each time
 */
export const withItemNames = (traces: readonly Trace[], names: readonly (readonly string[])[]): Trace[] =>
  traces.map((trace) => {
    const [rowAxis, columnAxis] = trace.axes ?? []
    if (trace.kind !== 'heatmap' || rowAxis !== 'query') return trace
    const perTrial = trace.perTrial.map((value, trial) => {
      const own = names[trial]
      if (!('shape' in value) || value.shape[0] > own.length) return value
      const [rows, columns] = value.shape
      const item = (i: number): string => own[i % own.length]
      const column = (i: number): string => (columnAxis === 'item' ? item(i) : String(i + 1))
      return {
        ...value,
        labels: [
          ...Array.from({ length: rows }, (_, i) => item(i)),
          ...Array.from({ length: columns }, (_, i) => column(i))
        ]
      }
    })
    return { ...trace, perTrial }
  })
