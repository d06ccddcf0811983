import { describe, expect, it } from 'vitest'
import { answer, modelsAt, placeText } from '../../../src-shared/findings/answer.ts'
import type { MetricInfo } from '../../../src-shared/shapes/catalog.ts'
import { sweptAxes } from '../../../src-shared/findings/results.ts'
import { cellResult } from '../../support/cell-result.ts'

const metric: MetricInfo = {
  name: 'accuracy',
  label: 'Accuracy',
  direction: 'higher',
  tex: '',
  help: '',
  range: [0, 1]
}
const model = (label: string, values: (number | null)[]) => ({ label, cell: cellResult(label, values) })
const best = model('Best', [0.9, 0.92, 0.94, 0.91])
const close = model('Close', [0.92, 0.88, 0.94, 0.9])
const bad = model('Bad', [0.5, 0.51, 0.49, 0.52])

describe('the answer of a comparison', () => {
  it('names the best model, how far the next one is and against whom that is significant', () => {
    const said = answer([best, bad], metric, 'at items = 16')!
    // Differences .40, .41, .45, .39: mean .4125, sd .0263, t(3) = 3.1824: half width .0419.
    expect(said.verdict).toMatch(
      /^Best is best at items = 16: accuracy 0\.917 ± 0\.027 \(n = 4\), 0\.412 \(0\.371 to 0\.454\) above Bad; significantly better than Bad \(p < 0\.001 after Holm over 1 test\)\.$/
    )
    expect(said.unknown).toBeUndefined()
  })

  it('names ties, and how many more seeds would tell', () => {
    const said = answer([close, best, bad], metric, '')!
    expect(said.verdict).toContain('Best has the best accuracy, ')
    expect(said.verdict).toContain('but cannot be told from Close; it is significantly better than Bad')
    // Differences -.02, .04, 0, .01: dz = .0075 / .025 = .3 at .025 two-sided and power .8: n = (2.2414 + .8416)^2 / .09 = 105.6 by
    // the normal law, and 2.2414^2 / 2 = 2.5 more by Student's.
    expect(said.unknown).toBe(
      'n = 4, p = 0.591: 105 more seeds would tell Best from Close, if difference and spread stay as seen (power 80 %).'
    )
  })

  it('turns with the direction of the metric', () =>
    expect(answer([best, bad], { ...metric, direction: 'lower' }, '')!.verdict).toMatch(/^Bad is best: .* below Best;/))

  it('equal means are equally good', () =>
    expect(answer([model('A', [0.6, 0.8]), model('B', [0.8, 0.6])], metric, '')!.verdict).toMatch(
      /^A and B are equally good: accuracy 0\.7/
    ))

  it('claims nothing from one seed, one model, no trial or no direction', () => {
    const lone = answer([model('A', [0.6]), model('B', [0.5])], metric, '')!
    expect(lone.verdict).toBe('A has the best accuracy, 0.6 (n = 1), 0.1 above B; nothing could be tested.')
    expect(lone.unknown).toBe('Too few common seeds to test B: two are needed.')
    expect(answer([best], metric, '')!.verdict).toMatch(/there is no other model/)
    expect(answer([model('A', [null])], metric, 'at items = 16')!.verdict).toBe(
      'A has no finished trial at items = 16.'
    )
    expect(answer([model('A', [null]), model('B', [null])], metric, '')!.verdict).toBe('No model has a finished trial.')
    expect(answer([best, bad], { ...metric, direction: 'none' }, '')!.verdict).toMatch(/no better direction/)
    expect(answer([], metric, '')).toBeUndefined()
  })

  it('says of which models there is nothing', () =>
    expect(answer([best, model('None', [null, null, null, null])], metric, '')!.unknown).toBe(
      'No finished trial of None.'
    ))
})

it('the models over all values of an axis are one cell each, of the means by seed', () => {
  const cells = [
    cellResult('A', [0.9, 0.8], { point: { items: 5 } }),
    cellResult('A', [0.5, 0.6], { point: { items: 10 } }),
    cellResult('B', [0.1, 0.2], { point: { items: 5 } }),
    cellResult('B', [0.3, 0.2], { point: { items: 10 } })
  ]
  const [axis] = sweptAxes(cells)
  const labelOf = ({ label }: { label: string }): string => label
  const over = modelsAt(cells, { axis, at: {} }, metric, labelOf)
  expect(over.points).toBe(2)
  expect(over.models.map(({ cell }) => cell.metrics.accuracy)).toEqual([
    [0.7, 0.7],
    [0.2, 0.2]
  ])
  const at = modelsAt(cells, { axis, value: 10, at: {} }, metric, labelOf)
  expect(at.models.map(({ cell }) => cell.metrics.accuracy)).toEqual([
    [0.5, 0.6],
    [0.3, 0.2]
  ])
})

it('a place is said in words', () => {
  const axis = { label: 'Items', values: [5, 10] }
  expect(placeText(axis, 10, [{ label: 'Dimension', value: 8 }])).toBe('at items = 10, dimension = 8')
  expect(placeText(axis, undefined, [])).toBe('over 2 values of items')
  expect(placeText(undefined, undefined, [])).toBe('')
})
