/** When recalls come, and when they stop. */
import type { MetricScale } from '../../shapes/scale.ts'
import type { ListView } from '../view.ts'
import {
  average,
  countTo,
  mostRecalled,
  probability,
  Tally,
  type Analysis,
  type Measure,
  type MeasuredData
} from './measure.ts'

const section = 'time'
const positive: MetricScale = { kind: 'positive' }

export const irt: Measure = {
  name: 'irt',
  label: 'Inter-response times',
  section,
  help: 'Mean time from one recall to the next, by output position.',
  tex: 't_{k+1}-t_k',
  source: 'Murdock & Okada (1970)',
  look: 'curve',
  x: { label: 'Output position' },
  value: { label: 'Time to the next recall', unit: 's', scale: positive },
  needs: ['times'],
  places: ({ subjects }) => ({ x: countTo(Math.max(0, ...subjects.map(({ basic }) => basic.irt.length))) }),
  of: ({ basic }, _, { x }) => x.map((_, i) => basic.irt[i] ?? null)
}

export const latencyByLag: Measure = {
  name: 'crl',
  label: 'Conditional response latency',
  section,
  help: 'Mean time of the transitions of each lag; intrusions and repeats make no transition.',
  tex: '\\mathrm{CRL}(\\ell)=\\overline{t_{k+1}-t_k}\\;\\text{for } i_{k+1}-i_k=\\ell',
  source: 'Howard & Kahana (1999)',
  look: 'curve',
  x: { label: 'Lag' },
  value: { label: 'Time of the transition', unit: 's', scale: positive },
  needs: ['times'],
  places: ({ length }) => ({ x: countTo(length - 1, 1 - length) }),
  of({ lists }, { length }, { x }) {
    const times = x.map((): number[] => [])
    for (const { list, moves } of lists)
      if (list.times)
        for (const { output, from, to } of moves)
          times[to - from + length - 1].push(list.times[output] - list.times[output - 1])
    return times.map(average)
  }
}

/** Seconds from the last recall of a list to the end of recall; undefined where the clock may have ended it. */
function exitLatency({ list }: ListView, { recallTime, exitTime }: Analysis): number | undefined {
  const { times } = list
  if (recallTime === undefined || !times?.length) return undefined
  const latency = recallTime - times[times.length - 1]
  const longest = times.reduce((most, t, k) => (k > 0 ? Math.max(most, t - times[k - 1]) : most), 0)
  return latency > exitTime && latency > longest ? latency : undefined
}

const byRecalled = (data: MeasuredData): number[] => countTo(mostRecalled(data), 0)

export const stopping: Measure = {
  name: 'stop-probability',
  label: 'Probability of stopping',
  section,
  help: 'How often recall ends after so many correct recalls, of the lists that came so far. With times and the length of recall, only lists that the subject ended: from the last recall to the end it takes longer than 12 s (unless said) and than any time between recalls.',
  tex: 'P(\\text{stop}\\mid n)=\\frac{\\#\\{|R|=n\\}}{\\#\\{|R|\\ge n\\}}',
  source: 'Miller, Weidemann & Kahana (2012)',
  look: 'curve',
  x: { label: 'Correct recalls so far' },
  value: probability('Probability of stopping'),
  places: (data) => ({ x: byRecalled(data) }),
  of({ lists }, { analysis }, { x }) {
    const tally = new Tally(x.length)
    for (const view of lists) {
      const timed = analysis.recallTime !== undefined && view.list.times !== undefined && view.recalled.length > 0
      if (timed && exitLatency(view, analysis) === undefined) continue
      const n = view.correct.length
      tally.happened(n)
      for (let k = 0; k <= n; k++) tally.couldHave(k)
    }
    return tally.shares()
  }
}

export const exitLatencies: Measure = {
  name: 'exit-latency',
  label: 'Exit latency',
  section,
  help: 'Time from the last recall to the end of recall, by the number of correct recalls, of the lists that the subject ended: it is longer than 12 s (unless said) and than any time between recalls.',
  tex: 'T-t_{|R|}',
  source: 'Dougherty & Harbison (2007)',
  look: 'curve',
  x: { label: 'Correct recalls' },
  value: { label: 'Exit latency', unit: 's', scale: positive },
  needs: ['times', 'recallTime'],
  places: (data) => ({ x: byRecalled(data) }),
  of({ lists }, { analysis }, { x }) {
    const latencies = x.map((): (number | undefined)[] => [])
    for (const view of lists) latencies[view.correct.length].push(exitLatency(view, analysis))
    return latencies.map(average)
  }
}
