import { complaint } from '../../../src-shared/shapes/issues.ts'
import { z } from 'zod'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { NamedTensor } from '../../tensors/weights/named-tensor.ts'

/** Of a fixture that names none. */
export const defaultTolerance = { absolute: 2e-5, relative: 2e-4 } as const

/** Left out, in whole or in part, it is the default. */
export const toleranceSchema = z
  .strictObject({
    absolute: z.number().min(0).default(defaultTolerance.absolute),
    relative: z.number().min(0).default(defaultTolerance.relative)
  })
  .prefault({})
export type Tolerance = z.infer<typeof toleranceSchema>

/** What a fixture showed: the largest absolute error, and the first field whose error was too large. */
export interface Verdict {
  worst: number
  failedAt?: string
}

/**
 * |got - expected| <= absolute + relative |expected|, entry by entry.
 * @throws StudioError bad-file for another size, diverged for a result that is not finite; both name the field
 */
export function compare(got: ArrayLike<number>, expected: NamedTensor, tolerance: Tolerance, field: string): Verdict {
  if (got.length !== expected.data.length)
    throw new StudioError(
      'bad-file',
      `Shape [${expected.shape.join(', ')}] is expected, ${expected.data.length} numbers; the model gave ${got.length}.`,
      { field }
    )
  let [worst, passed] = [0, true]
  for (let i = 0; i < got.length; i++) {
    if (!Number.isFinite(got[i]))
      throw new StudioError('diverged', `The model gave ${got[i]} as number ${i + 1}.`, { field })
    const error = Math.abs(got[i] - expected.data[i])
    worst = Math.max(worst, error)
    if (error > tolerance.absolute + tolerance.relative * Math.abs(expected.data[i])) passed = false
  }
  return passed ? { worst } : { worst, failedAt: field }
}

/** The verdict of several comparisons. */
export function join(verdicts: readonly Verdict[]): Verdict {
  const failedAt = verdicts.find((verdict) => verdict.failedAt !== undefined)?.failedAt
  return { worst: Math.max(0, ...verdicts.map(({ worst }) => worst)), ...(failedAt !== undefined && { failedAt }) }
}

/**
 * Parse a fixture.
 * @throws StudioError bad-file that names the field
 */
export function read<S extends z.ZodType>(schema: S, json: unknown): z.output<S> {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const { message, ...about } = complaint(parsed.error, json)
  throw new StudioError('bad-file', message, about)
}
