/**
 * A report that a researcher composes: blocks in an order, each text, a view of some runs, or what was kept of a page. A
 * view holds what to show, never the numbers; these come from the runs whenever it is shown or exported.
 */
import { z } from 'zod'
import { keptSchema } from './kept.ts'
import { axisValueSchema } from './point.ts'

const runs = z.array(z.string().min(1).max(64)).min(1).max(100)
const point = z.record(z.string().max(200), z.union([z.number(), z.boolean(), z.string().max(1000)]))
const caption = z.string().max(5000).default('')
const id = z.string().min(1).max(64)
const names = z.array(z.string().max(500)).max(1000)

const viewed = {
  id,
  runs,
  /** Labels of models left out. */
  hidden: names.default([]),
  caption
}

export const blockSchema = z.discriminatedUnion('kind', [
  z.object({ id, kind: z.literal('text'), markdown: z.string().max(100_000) }),
  z.object({
    ...viewed,
    kind: z.literal('figure'),
    /** A metric over a swept axis, or a series over its steps. */
    metric: z.string().max(200).optional(),
    series: z.string().max(200).optional(),
    /** A performance profile in place of the metric over its axis: of one task, or over all tasks of the runs. */
    profile: z
      .enum(['task', 'tasks', 'experiments'])
      // As reports of version 0.2 called it.
      .transform((over) => (over === 'experiments' ? 'tasks' : over))
      .optional(),
    axis: z.string().max(200).optional(),
    at: point.default({})
  }),
  z.object({
    ...viewed,
    kind: z.literal('table'),
    metric: z.string().max(200),
    axis: z.string().max(200).optional(),
    at: point.default({})
  }),
  z.object({
    ...viewed,
    kind: z.literal('answer'),
    metric: z.string().max(200),
    axis: z.string().max(200).optional(),
    at: point.default({}),
    /** The value of the axis at which models are compared; left out: over all of its values. */
    value: axisValueSchema.optional()
  }),
  z.object({
    id,
    kind: z.literal('kept'),
    shows: keptSchema,
    /** The title of the page it stood on. */
    page: z.string().max(200),
    /** ISO 8601. */
    made: z.iso.datetime(),
    caption
  }),
  z.object({ ...viewed, kind: z.literal('derived') }),
  z.object({
    ...viewed,
    kind: z.literal('benchmark'),
    /** Differences of scores, from 0 to 1, that make no difference. */
    rope: z.number().min(0).max(1).default(0.01)
  }),
  z.object({ id, kind: z.literal('task'), runs }),
  z.object({ id, kind: z.literal('tuning'), runs }),
  z.object({ id, kind: z.literal('predictions'), runs }),
  z.object({ id, kind: z.literal('notes'), runs }),
  z.object({ id, kind: z.literal('methods'), runs }),
  z.object({ id, kind: z.literal('checklist'), runs }),
  z.object({ id, kind: z.literal('runs'), runs })
])
export type Block = z.infer<typeof blockSchema>
export type BlockKind = Block['kind']
/** A block that shows something of runs. */
export type RunsBlock = Extract<Block, { runs: string[] }>
export type RunsKind = RunsBlock['kind']

export const reportSchema = z.object({
  id,
  title: z.string().trim().min(1).max(200),
  /** ISO 8601. */
  created: z.iso.datetime(),
  changed: z.iso.datetime(),
  blocks: z.array(blockSchema).max(500)
})
export type Report = z.infer<typeof reportSchema>

export const reportRowSchema = z.object({
  id: z.string(),
  title: z.string(),
  created: z.string(),
  changed: z.string(),
  blocks: z.int()
})
export type ReportRow = z.infer<typeof reportRowSchema>

/** What each kind is called, in the order in which they are offered. */
export const blockTitles: Record<BlockKind, string> = {
  text: 'Text',
  task: 'Task and protocol',
  answer: 'Answer',
  figure: 'Figure',
  table: 'Table',
  derived: 'Read off the curves',
  benchmark: 'Over tasks or seeds',
  tuning: 'Tuning',
  predictions: 'Predictions',
  notes: 'Notes of the runs',
  methods: 'Methods',
  checklist: 'Reproducibility checklist',
  runs: 'Runs and provenance',
  kept: 'Kept as it was'
}

/** The kinds that show something of runs. */
export const kindsOfRuns = (Object.keys(blockTitles) as BlockKind[]).filter(
  (kind): kind is RunsKind => kind !== 'text' && kind !== 'kept'
)

/** Every run that a report shows something of. */
export const runsOf = (blocks: readonly Block[]): string[] => [
  ...new Set(blocks.flatMap((block) => ('runs' in block ? block.runs : [])))
]

/**
 * The blocks with other runs in the place of their own: each takes those that have the task of one that it showed, and
 * keeps its own where there are none.
 */
export const withRuns = (
  blocks: readonly Block[],
  taskOf: (run: string) => string | undefined,
  runs: readonly string[]
): Block[] =>
  blocks.map((block) => {
    if (!('runs' in block)) return block
    const tasks = new Set(block.runs.map(taskOf))
    const next = runs.filter((run) => tasks.has(taskOf(run)))
    return next.length ? { ...block, runs: next } : block
  })

/** The block at `from` moved to stand at `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list]
  const [item] = next.splice(from, 1)
  if (item !== undefined) next.splice(Math.max(0, Math.min(to, next.length)), 0, item)
  return next
}
