/** Where recall goes in time: transitions by the distance of the two items in the list. */
import { asymmetryOf, contiguityOf } from '../effects.ts'
import { temporalMerit, transitionRank } from '../transitions.ts'
import { average, countTo, numberMeasure, probability, Tally, type Measure, type MeasuredData } from './measure.ts'

const section = 'order'
const kahana = 'Kahana (1996)'
const crp = probability('Conditional response probability')
const lag = { label: 'Lag' }

const lagsOf = ({ length }: MeasuredData): number[] => countTo(length - 1, 1 - length)

export const lagCrp: Measure = {
  name: 'lag-crp',
  label: 'Lag-CRP',
  section,
  help: 'How often recall goes from one item to another so many positions away, of the times it still could; intrusions and repeats make no transition.',
  tex: '\\mathrm{CRP}(\\ell)=\\frac{\\#\\{i\\to i+\\ell\\}}{\\#\\{i+\\ell \\text{ not yet recalled}\\}}',
  source: kahana,
  look: 'curve',
  x: lag,
  value: crp,
  places: (data) => ({ x: lagsOf(data) }),
  of: ({ basic }) => basic.lagCrp
}

export const contiguity = numberMeasure(
  {
    name: 'contiguity',
    label: 'Contiguity',
    section,
    help: 'CRP at lag +1: how often the next item of the list follows, where it still could.',
    tex: '\\mathrm{CRP}(+1)',
    source: kahana,
    value: crp
  },
  ({ basic }) => contiguityOf(basic.lagCrp)
)

export const asymmetry = numberMeasure(
  {
    name: 'asymmetry',
    label: 'Forward asymmetry',
    section,
    help: 'CRP at lag +1 minus that at lag −1; people go forward.',
    tex: '\\mathrm{CRP}(+1)-\\mathrm{CRP}(-1)',
    source: kahana,
    value: { label: 'Difference of probabilities' },
    chance: 0
  },
  ({ basic }) => asymmetryOf(basic.lagCrp)
)

const rank = probability('Mean percentile rank')

export const lagRank = numberMeasure(
  {
    name: 'lag-rank',
    label: 'Temporal factor',
    section,
    help: 'Mean percentile rank of the lag among those that were possible: 1 is always the nearest, .5 is chance; ties count half.',
    tex: '\\overline{\\mathrm{rank}(-|\\ell|)}',
    source: 'Polyn, Norman & Kahana (2009)',
    value: rank,
    chance: 0.5
  },
  ({ basic }) => basic.lagRank
)

export const lagCrpFrom: Measure = {
  name: 'lag-crp-from',
  label: 'Lag-CRP after the first recalls',
  section,
  help: 'The lag-CRP without the transitions out of the first recalls of a list (skip_first_n, 3 unless said), of which most stay near the end of the list.',
  tex: '\\mathrm{CRP}(\\ell \\mid \\text{output} > n)',
  source: 'Howard & Kahana (1999)',
  look: 'curve',
  x: lag,
  value: crp,
  places: (data) => ({ x: lagsOf(data) }),
  of({ lists }, { length, analysis }) {
    const tally = new Tally(2 * length - 1)
    for (const { moves } of lists)
      for (const { output, from, to, possible } of moves) {
        if (output <= analysis.skip) continue
        tally.happened(to - from + length - 1)
        for (const other of possible) tally.couldHave(other - from + length - 1)
      }
    return tally.shares()
  }
}

export const lagRankFrom = numberMeasure(
  {
    name: 'lag-rank-from',
    label: 'Temporal factor after the first recalls',
    section,
    help: 'The temporal factor without the transitions out of the first recalls of a list (skip_first_n, 3 unless said).',
    tex: '\\overline{\\mathrm{rank}(-|\\ell|)}\\;\\text{for output} > n',
    source: 'Polyn, Norman & Kahana (2009)',
    value: rank,
    chance: 0.5
  },
  ({ lists }, { analysis }) =>
    average(
      lists.flatMap(({ moves }) =>
        moves.filter(({ output }) => output > analysis.skip).map((move) => transitionRank(move, temporalMerit))
      )
    )
)

/** Outputs that are told apart. */
const outputs = 5
/** Lags told apart where a curve or a map has several rows of them: farther ones have few data. */
const nearLag = 6
const nearLags = ({ length }: MeasuredData): number[] => {
  const reach = Math.min(nearLag, length - 1)
  return countTo(reach, -reach)
}

export const lagCrpByOutput: Measure = {
  name: 'lag-crp-output',
  label: 'Lag-CRP by output position',
  section,
  help: 'The lag-CRP of the transitions out of the first recall, the second, and so on up to the fifth.',
  tex: '\\mathrm{CRP}(\\ell \\mid \\text{output}=n)',
  source: 'Howard & Kahana (1999)',
  look: 'curves',
  x: lag,
  rows: { label: 'From output' },
  value: crp,
  places: (data) => ({ x: nearLags(data), rows: countTo(outputs) }),
  of({ lists }, _, { x, rows = [] }) {
    const reach = (x.length - 1) / 2
    const tally = new Tally(x.length * rows.length)
    for (const { moves } of lists)
      for (const { output, from, to, possible } of moves) {
        if (output > rows.length) continue
        const middle = (output - 1) * x.length + reach
        if (Math.abs(to - from) <= reach) tally.happened(middle + to - from)
        for (const other of possible) if (Math.abs(other - from) <= reach) tally.couldHave(middle + other - from)
      }
    return tally.shares()
  }
}

export const compoundLagCrp: Measure = {
  name: 'lag-crp-compound',
  label: 'Compound lag-CRP',
  section,
  help: 'The lag-CRP of a transition by the lag of the transition right before it; lags up to 6.',
  tex: '\\mathrm{CRP}(\\ell_k \\mid \\ell_{k-1})',
  source: 'Lohnas & Kahana (2014)',
  look: 'map',
  x: { label: 'Lag' },
  rows: { label: 'Lag before' },
  value: crp,
  places: (data) => ({ x: nearLags(data), rows: nearLags(data) }),
  of({ lists }, _, { x }) {
    const reach = (x.length - 1) / 2
    const tally = new Tally(x.length * x.length)
    for (const { moves } of lists)
      for (const [k, { output, from, to, possible }] of moves.entries()) {
        const before = moves[k - 1]
        if (before?.output !== output - 1 || Math.abs(before.to - before.from) > reach) continue
        const middle = (before.to - before.from + reach) * x.length + reach
        if (Math.abs(to - from) <= reach) tally.happened(middle + to - from)
        for (const other of possible) if (Math.abs(other - from) <= reach) tally.couldHave(middle + other - from)
      }
    return tally.shares()
  }
}

export const inputCrp: Measure = {
  name: 'input-crp',
  label: 'Input CRP',
  section,
  help: 'How often recall goes from one serial position to another, of the times it still could.',
  tex: 'P(i\\to j)=\\frac{\\#\\{i\\to j\\}}{\\#\\{j \\text{ not yet recalled}\\}}',
  source: 'Morton (2020)',
  look: 'map',
  x: { label: 'To serial position' },
  rows: { label: 'From serial position' },
  value: crp,
  places: ({ length }) => ({ x: countTo(length), rows: countTo(length) }),
  of({ lists }, { length }) {
    const tally = new Tally(length * length)
    for (const { moves } of lists)
      for (const { from, to, possible } of moves) {
        tally.happened((from - 1) * length + to - 1)
        for (const other of possible) tally.couldHave((from - 1) * length + other - 1)
      }
    return tally.shares()
  }
}
