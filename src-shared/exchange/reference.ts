/**
 * Runs of other trackers as reference runs: they stand in the history and on charts beside one's own, with their
 * origin, and can be neither resumed nor duplicated, since nothing here knows how they were computed.
 */
import type { Catalog, TaskInfo } from '../shapes/catalog.ts'
import type { Run } from '../shapes/run.ts'
import { experimentFormat, experimentSchema, type Experiment } from '../shapes/experiment.ts'
import { contentHash } from '../grid/identity.ts'
import type { RunRecord } from './results-file.ts'

/** The task and the model of every reference run. */
export const referenceKind = 'reference'

export const isReference = (run: Pick<Run, 'task'>): boolean => run.task === referenceKind

export interface ReferenceRun {
  /** Letters and digits; the same file gives the same ids. */
  id: string
  name: string
  /** `MLflow`, `TensorBoard`. */
  tool: string
  /** ISO 8601. */
  created: string
  ended: string | null
  params: Record<string, string | number>
  seed: number
  metrics: Record<string, number>
  /** NaN or null where what was logged is no finite number. */
  series: { name: string; x: number[]; y: (number | null)[] }[]
  tags: string[]
  notes: string
  status: 'running' | 'done' | 'failed' | 'cancelled'
  elapsedMs: number
}

const short = (text: string): string => text.trim().slice(0, 200) || 'unnamed'

/** Whether a curve ended in what is no finite number: such a run has no final value. */
const diverged = ({ series }: Pick<ReferenceRun, 'series'>): boolean =>
  series.some(({ y }) => y.length > 0 && !Number.isFinite(y.at(-1) ?? NaN))

/** As a record that the store takes in like any other run. */
export function referenceRecord(run: ReferenceRun): RunRecord {
  const metrics = Object.fromEntries(Object.entries(run.metrics).filter(([, value]) => Number.isFinite(value)))
  const label = short(run.name)
  const experiment: Experiment = experimentSchema.parse({
    format: experimentFormat,
    name: label,
    description: `Taken in from ${run.tool}; how it was computed is not known here.`,
    task: {
      kind: referenceKind,
      params: { metrics: Object.keys(metrics), series: run.series.map(({ name }) => name) }
    },
    models: [{ kind: referenceKind, label, params: run.params }],
    seeds: [run.seed]
  })
  const lost = diverged(run)
  const place = { cell: 0, seed: run.seed }
  const hash = contentHash({ reference: run.tool, id: run.id, params: run.params, metrics, series: run.series })
  return {
    id: run.id,
    name: label,
    task: referenceKind,
    models: [label],
    status: run.status,
    created: run.created,
    ended: run.ended,
    trials: 1,
    done: lost ? 0 : 1,
    diverged: lost ? 1 : 0,
    failed: 0,
    seeds: 1,
    elapsedMs: run.elapsedMs,
    backend: run.tool,
    tags: run.tags,
    notes: run.notes,
    trashed: null,
    best: null,
    experiment,
    provenance: {
      version: 'unknown',
      commit: 'unknown',
      experimentHash: contentHash(experiment),
      backend: run.tool,
      adapter: '',
      generator: 'unknown',
      node: 'unknown',
      libraries: {},
      os: 'unknown',
      cpu: 'unknown',
      cores: 0,
      memoryBytes: 0,
      started: run.created,
      ended: run.ended,
      exit: run.status
    },
    error: null,
    cells: [{ modelIndex: 0, label, kind: referenceKind, params: run.params, taskParams: {}, point: {} }],
    results: [
      {
        ...place,
        model: label,
        kind: referenceKind,
        point: {},
        hash,
        status: lost ? 'diverged' : 'done',
        error: lost ? { code: 'diverged', message: 'A curve ended in NaN or infinity.' } : null,
        metrics,
        elapsedMs: run.elapsedMs,
        backend: run.tool
      }
    ],
    series: run.series.map(({ name, x, y }) => ({ cell: 0, name, x, seeds: [run.seed], y: [y] }))
  }
}

/** The reference run that a record was made of. */
export function referenceOf(record: RunRecord): ReferenceRun {
  const [trial] = record.results
  const status = (['running', 'failed', 'cancelled'] as const).find((known) => known === record.status) ?? 'done'
  return {
    id: record.id,
    name: record.name,
    tool: record.backend,
    created: record.created,
    ended: record.ended,
    params: (record.cells[0]?.params ?? {}) as ReferenceRun['params'],
    seed: trial?.seed ?? 0,
    metrics: trial?.metrics ?? {},
    series: record.series.map(({ name, x, y }) => ({ name, x, y: y[0] ?? [] })),
    tags: record.tags,
    notes: record.notes,
    status,
    elapsedMs: trial?.elapsedMs ?? 0
  }
}

/** What reference runs measured, said in the catalog's words: the names are all that is known. */
export function referenceTask(runs: readonly Pick<Run, 'experiment'>[]): TaskInfo | undefined {
  const references = runs.filter(({ experiment }) => experiment.task.kind === referenceKind)
  if (!references.length) return undefined
  const named = (key: string): string[] => [
    ...new Set(
      references.flatMap(({ experiment }) => {
        const names = experiment.task.params[key]
        return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
      })
    )
  ]
  const help = 'Taken in from another tracker.'
  const metrics = named('metrics').map((name) => ({ name, label: name, direction: 'none' as const, tex: '', help }))
  return {
    id: referenceKind,
    title: 'Reference runs',
    family: 'Reference',
    summary: 'Runs of other trackers, shown beside the studio’s own.',
    protocol: [],
    diagram: [],
    source: 'another tracker',
    params: {},
    defaultSweep: {},
    metrics,
    mainMetric: metrics[0]?.name ?? '',
    series: named('series').map((name) => ({
      name,
      label: name,
      x: { label: 'Step' },
      direction: 'none' as const,
      help
    })),
    derived: [],
    needs: { interface: [] },
    revision: 0
  }
}

/** The catalog, with what reference runs among these measured. */
export function withReferences(catalog: Catalog, runs: readonly Pick<Run, 'experiment'>[]): Catalog {
  const task = referenceTask(runs)
  return task ? { ...catalog, tasks: [...catalog.tasks, task] } : catalog
}
