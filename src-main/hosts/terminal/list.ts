/** `engram list` and `engram catalog` as tables. */
import { acceptedInterfaces, type Catalog } from '../../../src-shared/shapes/catalog.ts'
import type { RunRow } from '../../../src-shared/shapes/run.ts'
import { withStudio } from './session.ts'
import { duration } from '../../../src-shared/text/times.ts'
import { table } from './text.ts'

/** Every run in the data folder, newest first. */
export async function listRuns(data: string): Promise<RunRow[]> {
  return withStudio(data, 'look', async ({ ask }) => {
    const rows: RunRow[] = []
    for (;;) {
      const page = await ask('runs.list', { offset: rows.length, limit: 1000 })
      rows.push(...page.rows)
      if (page.rows.length === 0 || rows.length >= page.total) return rows
    }
  })
}

/** The runs as `--json` prints them: `models` are labels, as they are in results files. */
export const runRows = (rows: readonly RunRow[]): unknown[] =>
  rows.map(({ labels, best, ...row }) => ({ ...row, models: labels, best: best && { ...best, model: best.label } }))

export function runTable(rows: readonly RunRow[]): string {
  if (rows.length === 0) return 'No runs yet.'
  return table(
    ['run', 'created', 'status', 'trials', 'time', 'task', 'name', 'models'],
    rows.map((row) => [
      row.id,
      row.created.slice(0, 16).replace('T', ' '),
      row.status,
      `${row.done}/${row.trials}`,
      duration(row.elapsedMs),
      row.task,
      row.name,
      row.labels.join(', ')
    ])
  )
}

export function catalogTable({ models, tasks }: Catalog): string {
  return [
    table(
      ['model', 'title', 'family', 'interfaces'],
      models.map((model) => [model.id, model.title, model.family, model.interfaces.join(', ')])
    ),
    '',
    table(
      ['task', 'title', 'tests', 'metrics'],
      tasks.map((task) => [
        task.id,
        task.title,
        acceptedInterfaces(task).join(', '),
        task.metrics.map((metric) => metric.name).join(', ')
      ])
    )
  ].join('\n')
}
