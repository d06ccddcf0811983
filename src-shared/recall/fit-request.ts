/** What a fit is asked to do and what it gives: documents that cross the contract and are stored as they are. */
import { z } from 'zod'
import { errorSchema } from '../shapes/errors.ts'
import { likelihoodNames, type LikelihoodName, type LikelihoodParams } from './likelihood.ts'
import { searchMethods } from './search-methods.ts'

const id = z.string().min(1).max(64)
const name = z.enum(likelihoodNames as [LikelihoodName, ...LikelihoodName[]])
const bounds = { min: z.number(), max: z.number() }
const ordered = ({ min, max }: { min: number; max: number }): boolean => min < max
const params = z.record(name, z.number()) as z.ZodType<LikelihoodParams>
const free = z
  .array(z.object({ name, ...bounds }).refine(ordered, 'min must be below max'))
  .min(1)
  .max(12)
const search = {
  /** simplex if left out. */
  method: z.enum(searchMethods).optional(),
  starts: z.int().min(1).max(100),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
}
/** Lists of this length; the length that most lists have if left out. */
const length = z.int().min(2).max(500).optional()

const range = z.object({ name, ...bounds, steps: z.int().min(2).max(60) }).refine(ordered, 'min must be below max')

export const fitRequestSchema = z.discriminatedUnion('kind', [
  /** Maximum likelihood for each subject. */
  z.object({
    kind: z.literal('likelihood'),
    dataset: id,
    length,
    free,
    fixed: params,
    /** Of the free ones, those that every condition of the experiment has for itself. */
    byCondition: z.array(name).max(12).optional(),
    /** Also fit without each part of a subject's lists, and predict that part. */
    folds: z.int().min(2).max(50).optional(),
    ...search
  }),
  /** Simulate every subject of a finished fit with its own parameters, and fit that again. */
  z.object({ kind: z.literal('recovery'), dataset: id, fit: id }),
  /** The profile of the likelihood for one parameter of a finished fit, subject by subject. */
  z.object({ kind: z.literal('profile'), dataset: id, fit: id, name, steps: z.int().min(3).max(101) }),
  /** Log-likelihood of all subjects over two parameters. */
  z.object({ kind: z.literal('surface'), dataset: id, length, at: params, x: range, y: range }),
  /** Least squares between the curves of simulated lists and those of the group. */
  z.object({
    kind: z.literal('statistics'),
    dataset: id,
    length,
    model: z.string().min(1).max(64),
    params: z.record(z.string(), z.json()),
    free: z
      .array(z.object({ name: z.string().min(1).max(64), ...bounds }).refine(ordered, 'min must be below max'))
      .min(1)
      .max(12),
    lists: z.int().min(10).max(2000),
    evaluations: z.int().min(20).max(5000),
    ...search
  })
])
export type FitRequest = z.infer<typeof fitRequestSchema>
export type FitRequestOf<K extends FitRequest['kind']> = Extract<FitRequest, { kind: K }>

const conditions = z.array(z.object({ condition: z.string(), params, logLikelihood: z.number(), points: z.int() }))
const profilePoint = z.object({ x: z.number(), logLikelihood: z.number() })

export const subjectFitSchema = z.object({
  subject: z.string(),
  params,
  logLikelihood: z.number(),
  points: z.int(),
  aic: z.number(),
  bic: z.number(),
  evaluations: z.int(),
  converged: z.boolean(),
  heldOut: z.number().optional(),
  /** Of each condition, where some parameters are free by condition. */
  conditions: conditions.optional(),
  /** The parameters that made the data, in a recovery, and those of each condition. */
  truth: params.optional(),
  truths: conditions.optional()
})

export const profileSchema = z.object({
  subject: z.string(),
  points: z.array(profilePoint),
  best: profilePoint,
  low: z.number().nullable(),
  high: z.number().nullable()
})

const values = z.array(z.number().nullable())
export const curvesSchema = z.object({ spc: values, pfr: values, lagCrp: values })
export type RecallCurves = z.infer<typeof curvesSchema>

export const startFitSchema = z.object({
  start: z.int(),
  params: z.record(z.string(), z.number()),
  /** Root mean squared difference of all points of the three curves. */
  rmsd: z.number(),
  evaluations: z.int(),
  curves: curvesSchema
})
export type StartFit = z.infer<typeof startFitSchema>

export const fitSchema = z.object({
  id,
  dataset: id,
  created: z.string(),
  status: z.enum(['running', 'done', 'cancelled', 'failed', 'interrupted']),
  request: fitRequestSchema,
  done: z.int(),
  total: z.int(),
  error: errorSchema.nullable(),
  /** Of a likelihood fit or a recovery, in the order of their ends. */
  subjects: z.array(subjectFitSchema),
  /** Of a surface: rows of y, from the lowest; null where it is not computed yet. */
  surface: z.array(z.array(z.number().nullable())),
  /** Of a fit to statistics: each start, the best first. */
  starts: z.array(startFitSchema),
  /** Of a profile, in the order of their ends. */
  profiles: z.array(profileSchema).default([])
})
export type Fit = z.infer<typeof fitSchema>
