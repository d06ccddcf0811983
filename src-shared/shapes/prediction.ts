/**
 * Predictions, written down with an experiment before it runs: for a metric at a point of the grid, an interval for some
 * models or an order of them. The rules by which they are judged are stated here and nowhere else.
 */
import { z } from 'zod'
import { axisValueSchema } from './point.ts'

const label = z.string().trim().min(1).max(200)
const common = {
  /** Why, in the researcher's words. */
  note: z.string().max(1000).optional(),
  metric: label,
  /** The point of the grid: swept parameters by their bare names. */
  at: z.record(z.string().max(100), axisValueSchema).default({})
}

export const predictionSchema = z.union([
  z.strictObject({
    ...common,
    /** Per model label: the interval in which the mean is expected. */
    intervals: z.record(label, z.tuple([z.number(), z.number()]))
  }),
  z.strictObject({
    ...common,
    /** Model labels, the highest mean first. */
    order: z.array(label).min(2).max(64),
    /** By how much each is expected to exceed the next. */
    margin: z.number().min(0).default(0)
  }),
  z.strictObject({
    ...common,
    /** Model labels that are expected to be practically the same. */
    same: z.array(label).min(2).max(64),
    /** The largest difference of means that makes no difference. */
    within: z.number().positive()
  })
])
export type Prediction = z.infer<typeof predictionSchema>

export const predictionRule = {
  intervals:
    'Confirmed when the 95 % interval of the mean over seeds, the one that is shown for the metric, lies inside the predicted interval, refuted when the two do not meet, undecided otherwise or with fewer than two seeds.',
  order:
    'Neighbours in the order are compared by two-sided paired t tests over seeds (difference minus margin), corrected after Holm at 5 %. Confirmed when every difference exceeds the margin significantly, refuted when one falls short of it significantly, undecided otherwise.',
  same: 'Every two of the models are compared by two one-sided paired t tests over seeds (TOST), corrected after Holm at 5 %. Confirmed when every difference lies significantly within the bounds, refuted when one lies significantly beyond them, undecided otherwise.'
} as const

export type PredictionKind = keyof typeof predictionRule
export const predictionKinds = Object.keys(predictionRule) as PredictionKind[]

export const verdicts = ['confirmed', 'refuted', 'undecided'] as const
export type Verdict = (typeof verdicts)[number]

/** One checked statement of a prediction: a model's interval, or a step of an order. */
export const findingSchema = z.object({
  /** `linear-associator` or `a > b`. */
  subject: z.string(),
  verdict: z.enum(verdicts),
  /** What was predicted and what was found, with n and method. */
  evidence: z.string()
})
export type Finding = z.infer<typeof findingSchema>

export const judgementSchema = z.object({ verdict: z.enum(verdicts), findings: z.array(findingSchema) })
export type Judgement = z.infer<typeof judgementSchema>

/** A prediction as the studio keeps it: registered when its run was made, judged once, when the run was first complete. */
export const registeredPredictionSchema = z.object({
  prediction: predictionSchema,
  /** SHA-256 of its canonical JSON. */
  hash: z.string(),
  registered: z.string(),
  judged: z.string().nullable(),
  judgement: judgementSchema.nullable()
})
export type RegisteredPrediction = z.infer<typeof registeredPredictionSchema>

/** The models a prediction speaks of. */
export const modelsOf = (prediction: Prediction): string[] =>
  'order' in prediction ? prediction.order : 'same' in prediction ? prediction.same : Object.keys(prediction.intervals)
