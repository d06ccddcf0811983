/** How much is recalled, from where in the list. */
import { primacyOf, recencyOf } from '../effects.ts'
import {
  average,
  countTo,
  mostRecalled,
  numberMeasure,
  probability,
  Tally,
  type Measure,
  type MeasuredData
} from './measure.ts'

const section = 'amount'
const murdock = 'Murdock (1962)'

export const recalled = numberMeasure(
  {
    name: 'recalled',
    label: 'Recalled',
    section,
    help: 'Different studied items recalled per list.',
    tex: '\\frac1L\\sum_l |R_l|',
    source: murdock,
    value: { label: 'Items' }
  },
  ({ basic }) => basic.recalled
)

export const primacy = numberMeasure(
  {
    name: 'primacy',
    label: 'Primacy',
    section,
    help: 'Recall of the first item minus that of the middle third of the list.',
    tex: '\\mathrm{SPC}(1)-\\overline{\\mathrm{SPC}}_{\\mathrm{middle}}',
    source: murdock,
    value: { label: 'Difference of probabilities' },
    chance: 0
  },
  ({ basic }) => primacyOf(basic.spc)
)

export const recency = numberMeasure(
  {
    name: 'recency',
    label: 'Recency',
    section,
    help: 'Recall of the last item minus that of the middle third of the list.',
    tex: '\\mathrm{SPC}(N)-\\overline{\\mathrm{SPC}}_{\\mathrm{middle}}',
    source: murdock,
    value: { label: 'Difference of probabilities' },
    chance: 0
  },
  ({ basic }) => recencyOf(basic.spc)
)

export const spc: Measure = {
  name: 'spc',
  label: 'Serial position curve',
  section,
  help: 'How often the item of each serial position is recalled.',
  tex: '\\mathrm{SPC}(i)=\\frac{\\#\\{\\text{lists in which } i \\text{ is recalled}\\}}{\\#\\{\\text{lists}\\}}',
  source: murdock,
  look: 'curve',
  x: { label: 'Serial position' },
  value: probability('Probability of recall'),
  places: ({ length }) => ({ x: countTo(length) }),
  of: ({ basic }) => basic.spc
}

export const spcByStart: Measure = {
  name: 'spc-start',
  label: 'Serial position curve by start position',
  section,
  help: 'How often each serial position is recalled in the lists whose recall began with a given one.',
  tex: '\\mathrm{SPC}(i\\mid s)=P(i \\text{ recalled}\\mid \\text{first recall}=s)',
  source: 'Hogan (1975); Ward, Tan & Grenfell-Essam (2010)',
  look: 'map',
  x: { label: 'Serial position' },
  rows: { label: 'First recall' },
  value: probability('Probability of recall'),
  places: ({ length }) => ({ x: countTo(length), rows: countTo(length) }),
  of({ lists }, { length }) {
    const tally = new Tally(length * length)
    for (const { correct } of lists) {
      if (correct.length === 0) continue
      const row = (correct[0] - 1) * length
      for (let i = 0; i < length; i++) tally.couldHave(row + i)
      for (const position of correct) tally.happened(row + position - 1)
    }
    return tally.shares()
  }
}

export const spcByQuartile: Measure = {
  name: 'spc-quartile',
  label: 'Serial position curve by output quartile',
  section,
  help: 'How often each serial position is recalled in each quarter of the recalls of a list, of the lists with at least four correct recalls; the four curves add up to the serial position curve of these lists.',
  tex: '\\mathrm{SPC}_q(i)=P(i \\text{ is recall } k,\\; q=\\lfloor 4(k-1)/|R|\\rfloor+1)',
  source: 'Murdock (1962), split by output',
  look: 'curves',
  x: { label: 'Serial position' },
  rows: { label: 'Output quartile' },
  value: probability('Probability of recall'),
  places: ({ length }) => ({ x: countTo(length), rows: [1, 2, 3, 4] }),
  of({ lists }, { length }) {
    const tally = new Tally(4 * length)
    for (const { correct } of lists) {
      if (correct.length < 4) continue
      for (let i = 0; i < 4 * length; i++) tally.couldHave(i)
      for (const [k, position] of correct.entries())
        tally.happened(Math.floor((4 * k) / correct.length) * length + position - 1)
    }
    return tally.shares()
  }
}

const nthNames = [
  ['pfr', 'first'],
  ['p2r', 'second'],
  ['p3r', 'third']
] as const

/** The first three rows of the map of all outputs, as curves. */
export const firstRecalls: readonly Measure[] = nthNames.map(([name, nth], n) => ({
  name,
  label: `Probability of ${nth} recall`,
  section,
  help: `How often each serial position is the ${nth} correct recall, of the lists in which it still could be.`,
  tex: `\\frac{\\#\\{\\text{recall } ${n + 1} = i\\}}{\\#\\{i \\text{ not recalled before}\\}}`,
  source: 'Howard & Kahana (1999)',
  look: 'curve' as const,
  x: { label: 'Serial position' },
  value: probability(`Probability of ${nth} recall`),
  places: ({ length }) => ({ x: countTo(length) }),
  of: ({ basic }, { length }) => basic.pnr[n] ?? new Array<null>(length).fill(null)
}))

export const nthRecall: Measure = {
  name: 'pnr',
  label: 'Probability of nth recall',
  section,
  help: 'How often each serial position comes at each output, of the lists in which it still could; intrusions and repeats have no output of their own.',
  tex: 'P(n,i)=\\frac{\\#\\{\\text{recall } n = i\\}}{\\#\\{i \\text{ not among recalls } 1\\dots n-1\\}}',
  source: 'Hogan (1975); Howard & Kahana (1999)',
  look: 'map',
  x: { label: 'Serial position' },
  rows: { label: 'Output position' },
  value: probability('Probability of nth recall'),
  places: (data) => ({ x: countTo(data.length), rows: countTo(mostRecalled(data)) }),
  of({ lists }, { length }, { rows = [] }) {
    const tally = new Tally(rows.length * length)
    const before = new Uint8Array(length)
    for (const { correct } of lists) {
      before.fill(0)
      for (const [n, position] of correct.entries()) {
        tally.happened(n * length + position - 1)
        for (let i = 0; i < length; i++) if (before[i] === 0) tally.couldHave(n * length + i)
        before[position - 1] = 1
      }
    }
    return tally.shares()
  }
}

/** More different delays than this are put into as many bins of equal size. */
const mostDelays = 12

export const delay: Measure = {
  name: 'delay',
  label: 'Recall by study-test delay',
  section,
  help: 'Share of the items recalled, by the seconds between study and test; more than 12 different delays are put into 12 bins of equal size, shown at their mean.',
  tex: 'P(\\text{recalled}\\mid d)',
  source: 'Glanzer & Cunitz (1966)',
  look: 'curve',
  x: { label: 'Delay between study and test', unit: 's' },
  value: probability('Probability of recall'),
  needs: ['delays'],
  places: (data) => ({ x: delayBins(data).map(({ at }) => at) }),
  of({ lists }, data, { x }) {
    const bins = delayBins(data)
    const tally = new Tally(x.length)
    for (const { list, correct } of lists)
      for (const [i, seconds] of (list.delays ?? []).entries()) {
        if (seconds === null) continue
        const bin = bins.findLastIndex(({ from }) => seconds >= from)
        tally.couldHave(bin)
        if (correct.includes(i + 1)) tally.happened(bin)
      }
    return tally.shares()
  }
}

/** Each delay, or bins of equal size: where they begin, and their mean. */
function delayBins({ subjects }: MeasuredData): { from: number; at: number }[] {
  const sorted = subjects
    .flatMap(({ lists }) => lists.flatMap(({ list }) => list.delays ?? []))
    .filter((seconds) => seconds !== null)
    .sort((a, b) => a - b)
  const different = [...new Set(sorted)]
  if (different.length <= mostDelays) return different.map((from) => ({ from, at: from }))
  const starts = new Set(countTo(mostDelays - 1, 0).map((k) => sorted[Math.floor((k * sorted.length) / mostDelays)]))
  const from = [...starts]
  return from.map((start, k) => ({
    from: start,
    at: average(sorted.filter((d) => d >= start && (k + 1 === from.length || d < from[k + 1]))) ?? start
  }))
}
