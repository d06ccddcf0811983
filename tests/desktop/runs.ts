/** Runs for the specs of the desktop. */
import { expect, type Page } from '@playwright/test'
import type { CallInput } from '../../src-shared/contract/index.ts'
import type { CellResult, RunStatus } from '../../src-shared/shapes/run.ts'
import { ask } from '../e2e/fixtures.ts'

/** Long enough to be interrupted. */
export const long = {
  format: 'engram-experiment/1',
  name: 'Long',
  task: { kind: 'capacity', params: { dim: 64 } },
  models: [{ kind: 'linear-associator' }, { kind: 'episodic-slots' }],
  sweep: [{ param: 'task.items', values: [10, 20, 40] }],
  seeds: { count: 250 },
  backend: 'wasm'
}
export const trials = 1500

export async function start(page: Page, experiment: CallInput<'runs.start'>['experiment']): Promise<string> {
  return (await ask(page, 'runs.start', { experiment })).id
}

export async function until(page: Page, id: string, status: RunStatus): Promise<void> {
  await expect
    .poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 90_000, intervals: [200] })
    .toBe(status)
}

/** Wait until some of a run's trials are stored. */
export async function someStored(page: Page, id: string): Promise<void> {
  await expect
    .poll(async () => stored(await results(page, id)), { timeout: 60_000, intervals: [100] })
    .toBeGreaterThan(0)
}

/** Results without times, which are never the same twice. */
export async function results(page: Page, id: string): Promise<Omit<CellResult, 'elapsedMs' | 'runId'>[]> {
  const cells = await ask(page, 'runs.results', { ids: [id] })
  return cells.map(({ label, model, params, point, seeds, statuses, metrics }) => ({
    label,
    model,
    params,
    point,
    seeds,
    statuses,
    metrics
  }))
}

export const stored = (cells: Awaited<ReturnType<typeof results>>): number =>
  cells.reduce((sum, { statuses }) => sum + statuses.filter((status) => status === 'done').length, 0)
