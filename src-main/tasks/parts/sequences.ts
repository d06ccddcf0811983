/** What the tasks on sequences do with their examples and with what the blocks report about them. */
import type { Examples } from '../training-plan.ts'
import type { TokenRange, Trace } from '../../models/model.ts'

/** The first sequence of each trial: what is shown of a test. */
export function firstSequences(examples: Examples, batch: number): Examples {
  const first = (all: Int32Array): Int32Array => {
    const trial = all.length / batch
    const one = trial / examples.sequences
    return Int32Array.from({ length: batch * one }, (_, i) => all[Math.floor(i / one) * trial + (i % one)])
  }
  const { tokens, types, positions, targets } = examples
  return {
    ...examples,
    sequences: 1,
    tokens: first(tokens),
    ...(types && { types: first(types) }),
    positions: first(positions),
    targets: first(targets)
  }
}

/**
 * Maps over tokens (attention, reads of a bank) with the tokens' names beside rows and columns; other traces as they are.
 * @param shown the sequence of each trial that the traces are of
 */
export function withTokenNames(
  traces: readonly Trace[],
  { tokens, length }: Pick<Examples, 'tokens' | 'length'>,
  nameOf: (token: number) => string
): Trace[] {
  return traces.map((trace) => {
    const { tokens: places, ...rest } = trace
    // Blocks that read something between the tokens count more of them than there are.
    if (!places || places.total !== length) return rest
    const perTrial = trace.perTrial.map((value, trial) => {
      if (!('shape' in value)) return value
      const name = ([first, last]: TokenRange): string => {
        const [a, b] = [first, last].map((t) => nameOf(tokens[trial * length + t]))
        return first === last ? a : `${a} … ${b}`
      }
      const columns = places.columns?.map(name) ?? Array.from({ length: value.shape[1] }, (_, c) => String(c + 1))
      return { ...value, labels: [...places.rows.map(name), ...columns] }
    })
    return { ...rest, perTrial }
  })
}

/**
 * What a block reports over tokens (its gate, its surprise) as means by type of token: which memory answers what. A
 * type that a trial's sequence does not have is absent from it.
 * @param typeOf the type of a token of a trial's sequence, or undefined for one of no type
 */
export function byTokenType(
  traces: readonly Trace[],
  length: number,
  types: readonly string[],
  typeOf: (trial: number, t: number) => string | undefined
): Trace[] {
  return traces
    .filter(
      (trace) => trace.kind === 'line' && trace.perTrial.every((value) => 'shape' in value && value.shape[0] === length)
    )
    .map((trace) => ({
      name: `${trace.name}.types`,
      title: `${trace.title}, by type of token`,
      kind: 'bars',
      perTrial: trace.perTrial.map((value, trial) => {
        const { data } = value as { data: readonly number[] }
        const width = data.length / length
        const means = types.flatMap((type) => {
          let [sum, count] = [0, 0]
          for (let t = 0; t < length; t++)
            if (typeOf(trial, t) === type) {
              for (let i = 0; i < width; i++) sum += data[t * width + i] / width
              count++
            }
          return count ? [{ type, mean: sum / count }] : []
        })
        return { shape: [means.length], data: means.map(({ mean }) => mean), labels: means.map(({ type }) => type) }
      })
    }))
}

/** A line over tokens with a second one beside it that marks some of them with 1; other traces as they are. */
export function withMarks(trace: Trace, marks: readonly number[], name: string): Trace {
  const fits = trace.perTrial.every(
    (value) => 'shape' in value && value.shape[0] === marks.length && (value.shape[1] ?? 1) === 1
  )
  if (trace.kind !== 'line' || !fits) return trace
  const perTrial = trace.perTrial.map((value) => {
    const { data } = value as { data: readonly number[] }
    return {
      shape: [marks.length, 2],
      data: marks.flatMap((mark, t) => [data[t], mark]),
      labels: [trace.axes?.[1] ?? trace.title, name]
    }
  })
  return { ...trace, perTrial }
}
