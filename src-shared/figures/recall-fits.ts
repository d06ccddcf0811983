/** Figures of fits: true against recovered parameters, and the profile of a likelihood. */
import type { FigureSpec, SeriesStyle } from './spec.ts'
import type { SubjectProfile } from '../recall/profile.ts'
import { widestDrop } from '../recall/profile.ts'
import type { Recovery } from '../recall/recovered.ts'
import { numberText } from '../text/numbers.ts'

/** One point a subject (and condition), with the line on which recovery is perfect. */
export function recoveryFigure(
  { name, pairs, r, bias, rmse }: Recovery,
  title: string,
  style: SeriesStyle
): FigureSpec {
  const all = pairs.flatMap(({ truth, found }) => [truth, found])
  const [low, high] = [Math.min(...all), Math.max(...all)]
  return {
    title: `${title} (${name})`,
    x: { label: `True ${name}`, scale: 'linear' },
    y: { label: `Recovered ${name}`, scale: 'linear' },
    series: [
      {
        label: 'subjects',
        style,
        points: pairs.map(({ truth, found }) => ({ x: truth, y: found })).toSorted((a, b) => a.x - b.x)
      }
    ],
    references: [
      {
        label: 'perfect recovery',
        dash: [4, 4],
        points: [
          { x: low, y: low },
          { x: high, y: high }
        ]
      }
    ],
    scatter: true,
    interval: 'bars',
    remarks: [
      `r ${r === undefined ? 'is not defined: one side does not vary' : numberText(r)}, bias ${numberText(bias)}, RMSE ${numberText(rmse)}, n = ${pairs.length}`
    ]
  }
}

/** A profile that has fallen so far says no more. */
const deepest = 12

/** The drop of one subject's log-likelihood from its best, and where it leaves the 95 % interval. */
export function profileFigure(
  { subject, points, best, low, high }: SubjectProfile,
  name: string,
  title: string,
  style: SeriesStyle
): FigureSpec {
  const drop = points.flatMap(({ x, logLikelihood }) => {
    const y = logLikelihood - best.logLikelihood
    return y >= -deepest ? [{ x, y }] : []
  })
  return {
    title: `Profile of ${name}, subject ${subject}`,
    x: { label: title, scale: 'linear' },
    y: { label: 'Log-likelihood − best', scale: 'linear', within: [-Infinity, 0] },
    series: [{ label: `subject ${subject}`, style, points: drop }],
    references: [
      { label: `95 %: a drop of ${numberText(widestDrop)}`, dash: [4, 4], y: -widestDrop },
      ...[low, high].flatMap((end) => (end === null ? [] : [{ label: `end ${numberText(end)}`, dash: [2, 3], x: end }]))
    ],
    interval: 'bars',
    method:
      'the other parameters fitted anew at each value; interval where twice the drop is below 3.84, the 95 % point of χ² with one degree of freedom',
    remarks: [`values at which the drop is more than ${deepest} are left out`]
  }
}
