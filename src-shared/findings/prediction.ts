/**
 * Predictions, written down with an experiment before it runs: for a metric at a point of the grid, an interval for some
 * models or an order of them. The rules by which they are judged are stated here and nowhere else.
 */
import { z } from 'zod'
import type { TaskInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../contract/index.ts'
import type { ErrorData } from '../shapes/errors.ts'
import type { Cell, Point } from '../shapes/experiment.ts'
import { tInterval } from '../statistics/interval.ts'
import { pairBySeed } from './pairs.ts'
import { holm, pairedT } from '../statistics/significance.ts'
import { doneValues } from './summary.ts'

const label = z.string().trim().min(1).max(200)
const common = {
  /** Why, in the researcher's words. */
  note: z.string().max(1000).optional(),
  metric: label,
  /** The point of the grid: swept parameters by their bare names. */
  at: z.record(z.string().max(100), z.union([z.number(), z.boolean(), z.string().max(200)])).default({})
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
  })
])
export type Prediction = z.infer<typeof predictionSchema>

export const predictionRule = {
  intervals:
    'Confirmed when the 95 % t interval of the mean over seeds lies inside the predicted interval, refuted when the two do not meet, undecided otherwise or with fewer than two seeds.',
  order:
    'Neighbours in the order are compared by two-sided paired t tests over seeds (difference minus margin), corrected after Holm at 5 %. Confirmed when every difference exceeds the margin significantly, refuted when one falls short of it significantly, undecided otherwise.'
} as const

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
  'order' in prediction ? prediction.order : Object.keys(prediction.intervals)

/** Whether a cell is the one a prediction speaks of; a parameter the model does not have does not exclude it. */
const liesAt = (point: Point, at: Point): boolean =>
  Object.entries(at).every(([name, value]) => point[name] === undefined || point[name] === value)

/** What is wrong with the predictions of an experiment: each must mean exactly one cell per model. */
export function predictionErrors(
  predictions: readonly Prediction[],
  task: TaskInfo,
  cells: readonly Pick<Cell, 'label' | 'point'>[]
): ErrorData[] {
  const labels = [...new Set(cells.map((cell) => cell.label))]
  return predictions.flatMap((prediction, i) => {
    const errors: ErrorData[] = []
    const refuse = (field: string, message: string): void =>
      void errors.push({ code: 'bad-input', message, field: `predictions.${i}.${field}` })
    if (!task.metrics.some(({ name }) => name === prediction.metric))
      refuse(
        'metric',
        `${task.title} has no metric "${prediction.metric}"; it has ${task.metrics.map(({ name }) => name).join(', ')}.`
      )
    const part = 'order' in prediction ? 'order' : 'intervals'
    const named = modelsOf(prediction)
    if (named.length === 0) refuse(part, 'A prediction needs an interval for at least one model.')
    if (new Set(named).size < named.length) refuse(part, 'Every model stands in an order once.')
    for (const name of named) {
      if (!labels.includes(name)) {
        refuse(part, `There is no model "${name}" here; there are ${labels.join(', ')}.`)
        continue
      }
      const own = cells.filter((cell) => cell.label === name && liesAt(cell.point, prediction.at))
      if (own.length === 0) refuse('at', `The sweep has no such point for ${name}.`)
      if (own.length > 1)
        refuse('at', `Say where: ${name} has ${own.length} points here, along ${varying(own).join(', ')}.`)
    }
    if ('intervals' in prediction)
      for (const [name, [low, high]] of Object.entries(prediction.intervals))
        if (low > high) refuse('intervals', `The interval of ${name} ends before it begins.`)
    return errors
  })
}

function varying(cells: readonly Pick<Cell, 'point'>[]): string[] {
  const names = new Set(cells.flatMap(({ point }) => Object.keys(point)))
  return [...names].filter((name) => new Set(cells.map(({ point }) => point[name])).size > 1)
}

const short = (value: number): string => String(Number(value.toPrecision(4)))

/** Judge a prediction by the rule above, from the results of its run. */
export function judge(prediction: Prediction, cells: readonly CellResult[]): Judgement {
  const cellOf = (model: string): CellResult | undefined =>
    cells.find((cell) => cell.model === model && liesAt(cell.point, prediction.at))
  const findings =
    'order' in prediction
      ? judgeOrder(prediction, cellOf)
      : Object.entries(prediction.intervals).map(([model, expected]) =>
          judgeInterval(prediction.metric, model, expected, cellOf(model))
        )
  const all = (verdict: Verdict): boolean => findings.every((finding) => finding.verdict === verdict)
  const verdict = findings.some((finding) => finding.verdict === 'refuted')
    ? 'refuted'
    : all('confirmed')
      ? 'confirmed'
      : 'undecided'
  return { verdict, findings }
}

function judgeInterval(
  metric: string,
  subject: string,
  [low, high]: readonly [number, number],
  cell: CellResult | undefined
): Finding {
  const predicted = `predicted ${short(low)} to ${short(high)}`
  const values = cell ? doneValues(cell, metric).values : []
  if (values.length < 2)
    return { subject, verdict: 'undecided', evidence: `${predicted}; an interval needs two finished seeds` }
  const found = tInterval(values)
  const [from, to] = [found.low!, found.high!]
  const verdict = from >= low && to <= high ? 'confirmed' : to < low || from > high ? 'refuted' : 'undecided'
  return {
    subject,
    verdict,
    evidence: `${predicted}; found ${short(found.mean)}, ${short(from)} to ${short(to)} (${found.method})`
  }
}

function judgeOrder(
  { metric, order, margin }: Extract<Prediction, { order: string[] }>,
  cellOf: (model: string) => CellResult | undefined
): Finding[] {
  const steps = order.slice(1).map((second, i) => {
    const [a, b] = [cellOf(order[i]), cellOf(second)]
    const pairs = a && b && pairBySeed(a, b, metric)
    return {
      subject: `${order[i]} > ${second}`,
      unmatched: pairs?.unmatched.length ?? 0,
      test:
        pairs && pairs.a.length > 1
          ? pairedT(
              pairs.a.map((value) => value - margin),
              pairs.b
            )
          : undefined
    }
  })
  // A step without a test counts in the family: its p value is 1.
  const adjusted = holm(steps.map(({ test }) => test?.p ?? 1))
  return steps.map(({ subject, test, unmatched }, i) => {
    if (!test) return { subject, verdict: 'undecided', evidence: 'a paired test needs two seeds that both finished' }
    const p = adjusted[i]
    const verdict = p >= 0.05 ? 'undecided' : test.difference > 0 ? 'confirmed' : 'refuted'
    const left = unmatched ? `, ${unmatched} unmatched left out` : ''
    const beyond = margin > 0 ? ` beyond the margin of ${short(margin)}` : ''
    return {
      subject,
      verdict,
      evidence: `difference${beyond} ${short(test.difference)} (${short(test.low!)} to ${short(test.high!)}), ${test.method}, ${test.n} pairs by seed${left}, p = ${short(p)} after Holm over ${steps.length}`
    }
  })
}
