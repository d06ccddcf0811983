/** Judging registered predictions from the results of their run, by the rules that shapes/prediction.ts states. */
import { liesAt } from '../shapes/point.ts'
import type { Finding, Judgement, Prediction, Verdict } from '../shapes/prediction.ts'
import type { CellResult } from '../shapes/run.ts'
import { beyondBounds, equivalence, practicalVerdict } from '../statistics/equivalence.ts'
import { compare, significant } from '../statistics/numbers.ts'
import { holm, pairedT } from '../statistics/significance.ts'
import { pairBySeed } from './pairs.ts'
import { cellInterval } from './results.ts'
import { numberText, withEnds } from '../text/numbers.ts'

/** Judge a prediction by the rule above, from the results of its run. */
export function judge(prediction: Prediction, cells: readonly CellResult[]): Judgement {
  const cellOf = (model: string): CellResult | undefined =>
    cells.find((cell) => cell.label === model && liesAt(cell.point, prediction.at))
  const findings =
    'order' in prediction
      ? judgeOrder(prediction, cellOf)
      : 'same' in prediction
        ? judgeSame(prediction, cellOf)
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
  const predicted = `predicted ${numberText(low)} to ${numberText(high)}`
  const found = cell && cellInterval(cell, metric)
  if (!found || found.low === null || found.high === null) {
    const why = found && found.n > 1 ? found.method : 'an interval needs two finished seeds'
    return { subject, verdict: 'undecided', evidence: `${predicted}; ${why}` }
  }
  const [from, to] = [found.low, found.high]
  const inside = compare(from, low) >= 0 && compare(to, high) <= 0
  const apart = compare(to, low) < 0 || compare(from, high) > 0
  const verdict = inside ? 'confirmed' : apart ? 'refuted' : 'undecided'
  return {
    subject,
    verdict,
    evidence: `${predicted}; found ${numberText(found.mean)}, ${numberText(from)} to ${numberText(to)} (${found.method})`
  }
}

const verdictOf = { same: 'confirmed', different: 'refuted', open: 'undecided' } as const

function judgeSame(
  { metric, same, within }: Extract<Prediction, { same: string[] }>,
  cellOf: (model: string) => CellResult | undefined
): Finding[] {
  const pairs = same.flatMap((one, i) => same.slice(i + 1).map((other) => [one, other] as const))
  const tested = pairs.map(([one, other]) => {
    const [a, b] = [cellOf(one), cellOf(other)]
    const common = a && b && pairBySeed(a, b, metric)
    if (!common || common.a.length < 2) return undefined
    const test = ['paired-t', common.a, common.b, within] as const
    return { found: equivalence(...test), beyond: beyondBounds(...test), pairs: common.a.length }
  })
  // A pair without a test counts in the family: its p value is 1.
  const [closeness, farness] = [
    holm(tested.map((one) => one?.found.p ?? 1)),
    holm(tested.map((one) => one?.beyond ?? 1))
  ]
  return tested.map((one, i) => {
    const subject = `${pairs[i][0]} = ${pairs[i][1]}`
    if (!one) return { subject, verdict: 'undecided', evidence: 'a paired test needs two seeds that both finished' }
    const { found } = one
    return {
      subject,
      verdict: verdictOf[practicalVerdict(closeness[i], farness[i])],
      evidence: `difference ${withEnds(found.difference, found.low, found.high)} (90 %), ${found.method}, ${one.pairs} pairs by seed, p = ${numberText(closeness[i])} after Holm over ${pairs.length}`
    }
  })
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
      test: pairs && pairs.a.length > 1 ? pairedT(pairs.a, pairs.b, { margin }) : undefined
    }
  })
  // A step without a test counts in the family: its p value is 1.
  const adjusted = holm(steps.map(({ test }) => test?.p ?? 1))
  return steps.map(({ subject, test, unmatched }, i) => {
    if (!test) return { subject, verdict: 'undecided', evidence: 'a paired test needs two seeds that both finished' }
    const p = adjusted[i]
    const verdict = !significant(p) ? 'undecided' : test.difference > 0 ? 'confirmed' : 'refuted'
    const left = unmatched ? `, ${unmatched} unmatched left out` : ''
    const beyond = margin > 0 ? ` beyond the margin of ${numberText(margin)}` : ''
    return {
      subject,
      verdict,
      evidence: `difference${beyond} ${withEnds(test.difference, test.low, test.high)}, ${test.method}, ${test.n} pairs by seed${left}, p = ${numberText(p)} after Holm over ${steps.length}`
    }
  })
}
