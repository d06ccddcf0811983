/** The parts of a fit over the workers of a machine: as many at once as there are workers. */
import type { FitAnswer, FitPart } from '../../src-shared/recall/fit-parts.ts'
import type { Place } from './place.ts'

export interface FitListener {
  /** Throws when no more is wanted. */
  check(): void
  answered(answer: FitAnswer, index: number): void
}

export async function computeParts(
  place: Pick<Place, 'ready' | 'request'>,
  parts: readonly FitPart[],
  { check, answered }: FitListener
): Promise<void> {
  const { workers } = await place.ready()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < parts.length) {
      check()
      const index = next++
      answered(await place.request('fit', parts[index]), index)
    }
  }
  await Promise.all(Array.from({ length: workers }, lane))
}
