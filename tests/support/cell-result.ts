import type { CellResult } from '../../src-shared/shapes/run.ts'

/**
 * What a model measured at a point: a value for each seed from 0 on, null for a trial without one.
 * @param label also the model's id, unless that is given
 * @param metric what the values are of
 * @param lost how a trial without a value ended
 * @param given whatever else matters to a test
 */
export function cellResult(
  label: string,
  values: readonly (number | null)[],
  {
    metric = 'accuracy',
    lost = 'diverged',
    ...given
  }: Partial<CellResult> & { metric?: string; lost?: CellResult['statuses'][number] } = {}
): CellResult {
  return {
    runId: 'r',
    label,
    model: label,
    params: {},
    point: {},
    seeds: values.map((_, i) => i),
    statuses: values.map((value) => (value === null ? lost : 'done')),
    metrics: { [metric]: [...values] },
    elapsedMs: values.map(() => 1),
    ...given
  }
}
