/** Files that are taken in: vectors, weights, runs. */
import { z } from 'zod'
import { done, id, nothing, type Calls, type Events } from './call.ts'

/** Imported vectors, one per row, known by the hash of their content. */
export const vectorSetSchema = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  rows: z.int(),
  columns: z.int(),
  imported: z.string(),
  /** The first numbers of the first vector. */
  first: z.array(z.number()).optional(),
  /** What of the file was left out: a header, row names, comments. */
  left: z.array(z.string()).optional()
})

export type VectorSet = z.infer<typeof vectorSetSchema>

/** `a.csv, 2 vectors of 3 columns, the first 0.5, 0.25, -1; left out: the header 0, 1, 2` */
export const vectorsText = ({ name, rows, columns, first = [], left = [] }: VectorSet): string =>
  [
    `${name}, ${rows} vectors of ${columns} columns`,
    ...(first.length
      ? [
          `, the first ${first.map((value) => Number(value.toPrecision(6))).join(', ')}${columns > first.length ? ', …' : ''}`
        ]
      : []),
    ...(left.length ? [`; left out: ${left.join(', ')}`] : [])
  ].join('')

/** A weights file that was brought: `file` is what a model's `weights` names, `name` what the user called it. */
export const keptWeightsSchema = z.object({
  file: z.string(),
  name: z.string(),
  tensors: z.int(),
  imported: z.string()
})
export type KeptWeights = z.infer<typeof keptWeightsSchema>

/** What became of a file that was taken in. */
export const importReportSchema = z.object({
  runs: z.array(
    z.object({
      id,
      name: z.string(),
      /** The run was here already and got the trials it lacked. */
      merged: z.boolean(),
      /** How many trials were new. */
      trials: z.int(),
      /** A run of a tracker that was here already and is further now: what is here was brought up to date. */
      updated: z.boolean().optional()
    })
  ),
  /** What of the file was left out, and why. */
  left: z.array(z.object({ name: z.string(), reason: z.string() })),
  /** Trials that were here already with the same numbers, and with numbers within tolerance. */
  identical: z.int(),
  within: z.int()
})
export type ImportReport = z.infer<typeof importReportSchema>

export const fileCalls = {
  /** Vectors that experiments can take as keys and values, newest first. */
  'vectors.list': { input: nothing, output: z.array(vectorSetSchema) },
  /** Read a CSV or NPY file; `content` is its bytes in base64. Larger files: `engram import`. */
  'vectors.import': {
    input: z.object({ name: z.string().min(1).max(255), content: z.base64().max(6 * 2 ** 20) }),
    output: vectorSetSchema
  },
  /** Keep a weights file in the data folder; `file` is what a model's `weights` then names. */
  'weights.import': {
    input: z.object({ name: z.string().min(1).max(255), content: z.base64().max(6 * 2 ** 20) }),
    output: keptWeightsSchema
  },
  /** Weights files that were brought, newest first. */
  'weights.list': { input: nothing, output: z.array(keptWeightsSchema) },
  /** Take in a file of runs, in parts of base64; null until the last part is here. All of it or nothing. */
  'exchange.import': {
    input: z.object({
      upload: id,
      name: z.string().min(1).max(1000),
      part: z.string().max(6 * 1024 * 1024),
      more: z.boolean()
    }),
    output: importReportSchema.nullable()
  },
  /** Give up a file of runs that is being sent or taken in: nothing of it is stored. */
  'exchange.cancel': { input: z.object({ upload: id }), output: done }
} as const satisfies Calls

export const fileEvents = {
  /** Trials of a file that were held against what is stored, of all that it has. */
  'import.progress': z.object({ upload: id, done: z.int(), total: z.int() })
} as const satisfies Events
