/** Recalls that are wrong: of earlier lists, of no list, or a second time. */
import { mean } from '../../statistics/numbers.ts'
import type { MetricScale } from '../../shapes/scale.ts'
import {
  countTo,
  numberMeasure,
  probability,
  type Measure,
  type MeasuredData,
  type MeasuredSubject
} from './measure.ts'

const section = 'errors'
const perList: Measure['value'] & { scale: MetricScale } = { label: 'Per list', scale: { kind: 'positive' } }

export const intrusions = numberMeasure(
  {
    name: 'intrusions',
    label: 'Intrusions',
    section,
    help: 'Recalls that were not on the list, per list.',
    tex: '\\frac1L\\sum_l \\#\\{r \\notin l\\}',
    source: 'Zaromb, Howard, Dolan, Sirotin, Tully, Wingfield & Kahana (2006)',
    value: perList
  },
  ({ basic }) => basic.intrusions
)

export const priorList = numberMeasure(
  {
    name: 'prior-list',
    label: 'Prior-list intrusions',
    section,
    help: 'Intrusions that were studied on an earlier list of the session; per list.',
    tex: "\\frac1L\\sum_l \\#\\{r \\notin l,\\; r \\in l' < l\\}",
    source: 'Zaromb et al. (2006)',
    value: perList
  },
  ({ basic }) => basic.priorListIntrusions
)

export const extraList = numberMeasure(
  {
    name: 'extra-list',
    label: 'Extra-list intrusions',
    section,
    help: 'Intrusions that were on no earlier list of the session; per list.',
    tex: "\\frac1L\\sum_l \\#\\{r \\notin l,\\; r \\notin l' < l\\}",
    source: 'Zaromb et al. (2006)',
    value: perList
  },
  ({ lists }) => mean(lists.map((view) => view.intrusions.filter((lag) => lag === undefined).length))
)

export const repeats = numberMeasure(
  {
    name: 'repeats',
    label: 'Repeats',
    section,
    help: 'Items of the list recalled again, each time counted; per list.',
    tex: '\\frac1L\\sum_l\\sum_i (c_{li}-1)^+',
    source: 'Zaromb et al. (2006)',
    value: perList
  },
  ({ basic }) => basic.repeats
)

/** Positions that come at least twice. */
const repeatedIn = (recalled: readonly number[]): number =>
  new Set(recalled.filter((p, k) => p > 0 && recalled.indexOf(p) < k)).size

export const repeated = numberMeasure(
  {
    name: 'repeated-items',
    label: 'Repeated items',
    section,
    help: 'Different items of the list that were recalled more than once; per list.',
    tex: '\\frac1L\\sum_l \\#\\{i: c_{li} > 1\\}',
    source: 'Zaromb et al. (2006)',
    value: perList
  },
  ({ lists }) => mean(lists.map(({ recalled }) => repeatedIn(recalled)))
)

/** Lags that every counted list could have: its own place lies beyond them. */
const lagsOf = ({ subjects, analysis }: MeasuredData): number[] => {
  const places = subjects.flatMap(({ lists }) => lists.map(({ place }) => place))
  return countTo(Math.min(analysis.listLag, places.reduce((most, place) => Math.max(most, place), 1) - 1))
}

function byListLag(
  about: Pick<Measure, 'name' | 'label' | 'help' | 'tex' | 'value'>,
  of: (count: number, among: { lists: number; intrusions: number }) => number | null
): Measure {
  return {
    ...about,
    section,
    source: 'Zaromb et al. (2006)',
    look: 'curve',
    x: { label: 'Lists ago' },
    places: (data) => ({ x: lagsOf(data) }),
    of({ lists }: MeasuredSubject, _, { x }) {
      const counted = lists.filter(({ place }) => place > x.length)
      const lags = counted.flatMap((view) => view.intrusions)
      const among = { lists: counted.length, intrusions: lags.length }
      return x.map((lag) => of(lags.filter((own) => own === lag).length, among))
    }
  }
}

export const priorListLag = byListLag(
  {
    name: 'prior-list-lag',
    label: 'Prior-list intrusions by list lag',
    help: 'Share of all intrusions that come from so many lists ago; without the first lists of a session, so that every lag shown is possible in every list.',
    tex: 'P(k)=\\frac{\\#\\{\\text{intrusions from } k \\text{ lists ago}\\}}{\\#\\{\\text{intrusions}\\}}',
    value: probability('Share of intrusions')
  },
  (count, { intrusions }) => (intrusions ? count / intrusions : null)
)

export const priorListLagRate = byListLag(
  {
    name: 'prior-list-lag-rate',
    label: 'Prior-list intrusions by list lag, per list',
    help: 'Intrusions from so many lists ago, per list; without the first lists of a session, so that every lag shown is possible in every list.',
    tex: '\\frac{\\#\\{\\text{intrusions from } k \\text{ lists ago}\\}}{\\#\\{\\text{lists}\\}}',
    value: perList
  },
  (count, { lists }) => (lists ? count / lists : null)
)
