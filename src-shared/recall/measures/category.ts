/** Categories and sources: how often recall stays within one, and its lags within and across. */
import { isMissing } from '../../text/read.ts'
import type { RecallList } from '../data.ts'
import { countTo, numberMeasure, probability, Tally, type Measure } from './measure.ts'

const section = 'categories'
const polyn = 'Polyn, Norman & Kahana (2009)'

type Labels = (list: RecallList) => readonly string[] | undefined

function lagCrpByLabel(
  name: string,
  one: string,
  several: string,
  need: 'categories' | 'sources',
  of: Labels
): Measure {
  return {
    name,
    label: `Lag-CRP within and across ${several}`,
    section,
    help: `The lag-CRP of transitions that stay within a ${one}, and of those that leave it: each counts only what was possible of its own kind. An item without a ${one} takes no part.`,
    tex: '\\mathrm{CRP}(\\ell \\mid g_i = g_j),\\quad \\mathrm{CRP}(\\ell \\mid g_i \\neq g_j)',
    source: 'Polyn, Norman & Kahana (2009); Morton (2020)',
    look: 'curves',
    x: { label: 'Lag' },
    rows: { label: 'Transition' },
    value: probability('Conditional response probability'),
    needs: [need],
    places: ({ length }) => ({ x: countTo(length - 1, 1 - length), rows: [`within ${one}`, `across ${several}`] }),
    of({ lists }, { length }, { x }) {
      const tally = new Tally(2 * x.length)
      for (const { list, moves } of lists) {
        const labels = of(list)
        if (!labels) continue
        for (const { from, to, possible } of moves) {
          const own = labels[from - 1]
          if (isMissing(own)) continue
          const rowOf = (other: number): number | undefined => {
            const its = labels[other - 1]
            return isMissing(its) ? undefined : its === own ? 0 : 1
          }
          const row = rowOf(to)
          if (row === undefined) continue
          const middle = row * x.length + length - 1
          tally.happened(middle + to - from)
          for (const other of possible) if (rowOf(other) === row) tally.couldHave(middle + other - from)
        }
      }
      return tally.shares()
    }
  }
}

export const lagCrpByCategory = lagCrpByLabel(
  'lag-crp-category',
  'category',
  'categories',
  'categories',
  (list) => list.categories
)
export const lagCrpBySource = lagCrpByLabel('lag-crp-source', 'source', 'sources', 'sources', (list) => list.sources)

export const category = numberMeasure(
  {
    name: 'category',
    label: 'Category clustering',
    section,
    help: 'How often the next recall is of the same category, of the times one still could be.',
    tex: 'P(\\text{same category}\\mid\\text{possible})',
    source: polyn,
    value: probability(),
    needs: ['categories']
  },
  ({ basic }) => basic.categoryCrp
)

export const arc = numberMeasure(
  {
    name: 'arc',
    label: 'Category clustering, ARC',
    section,
    help: 'Adjusted ratio of clustering: 0 is chance, 1 is perfect.',
    tex: '\\frac{R-E}{R_{\\max}-E},\\quad E=\\tfrac1N\\sum_i n_i^2-1',
    source: 'Roenker, Thompson & Brown (1971)',
    value: { label: 'ARC' },
    needs: ['categories'],
    chance: 0
  },
  ({ basic }) => basic.arc
)

export const lbc = numberMeasure(
  {
    name: 'lbc',
    label: 'Category clustering, LBC',
    section,
    help: 'List-based clustering: above 0 is more than chance; none where categories differ in size.',
    tex: 'R-\\frac{(r-1)(m-1)}{L-1}',
    source: 'Stricker, Brown, Wixted, Baldo & Delis (2002)',
    value: { label: 'LBC' },
    needs: ['categories'],
    chance: 0
  },
  ({ basic }) => basic.lbc
)

export const sourceClustering = numberMeasure(
  {
    name: 'source-clustering',
    label: 'Source clustering',
    section,
    help: 'How often the next recall is of the same source, of the times one still could be.',
    tex: 'P(\\text{same source}\\mid\\text{possible})',
    source: polyn,
    value: probability(),
    needs: ['sources']
  },
  ({ basic }) => basic.sourceCrp
)
