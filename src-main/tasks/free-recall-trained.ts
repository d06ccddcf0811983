import { StudioError } from '../../src-shared/shapes/errors.ts'
import { choice, integer } from '../../src-shared/shapes/params.ts'
import type { RecallList } from '../../src-shared/recall/data.ts'
import type { Draws } from '../tensors/random/draws.ts'
import { sample } from './parts/associations.ts'
import { recallMetrics, recallResult, recallSeries } from './parts/recall-figures.ts'
import { withTokenNames } from './parts/sequences.ts'
import { trainingParams } from './parts/training.ts'
import { defineTraining } from './training-task.ts'
import type { Examples, Trained } from './training-plan.ts'
import { asShare } from './parts/judge.ts'

/**
 * Free recall of trained blocks: a block learns to study a list and then to say its words in any order, each once; tested,
 * it is fed its own output, and its recalls are measured by the statistics of people and of CMR.
 *
 *   w_1 ... w_n | r_1 ... r_n end,   trained on  r = a random order of w (any), or w itself (forward)
 *   tested:  r_(k+1) = the most likely token after  w_1 ... w_n | r_1 ... r_k,  until "end" or n words
 *
 * With every order equally likely in training, the order in which a block recalls is its own: it shows which items its
 * memory gives back most readily.
 * Source: the free-recall protocol (Murdock, 1962) for sequence blocks, after the studio's third source document, which
 * asks for CMR-style list recall in a language model.
 */
export default defineTraining({
  id: 'free-recall-trained',
  title: 'Free recall, trained',
  summary: 'Trained to recall lists in any order, in which order does a block recall, and which words?',
  protocol: [
    'Each step draws fresh lists of words from a pool; none comes twice in a list.',
    'The model reads the list and a sign to recall, then learns to say the words in a random order, and when it is done.',
    'Tested, it says the most likely word, which is fed back as its next input, until it says that it is done.',
    'Its recalls of many lists are measured as those of people: by serial position, by lag, by how they cluster in time.'
  ],
  diagram: [
    {
      repeat: 'each step, until learned',
      phases: [
        { kind: 'draw', title: 'Lists', lines: ['w₁ w₂ … wₙ', 'fresh words each'] },
        { kind: 'train', title: 'Train', lines: ['w₁ … wₙ | then all', 'of them, any order'] }
      ]
    },
    { kind: 'cue', title: 'Recall', lines: ['| → a word', 'the word → the next', 'until it is done'] },
    { kind: 'judge', title: 'Judge', lines: ['words recalled', 'by position and by lag'] }
  ],
  source: 'B. B. Murdock (1962), The serial position effect of free recall; unpublished design notes (2025)',
  params: {
    items: integer('Items', 10, { help: 'Words in a list.', min: 2, max: 256, symbol: 'n' }),
    vocabulary: integer('Vocabulary', 34, {
      help: 'Tokens: a sign to recall, one that says that recall is over, and the words that lists are drawn from',
      min: 4,
      max: 8192
    }),
    testSequences: {
      ...trainingParams.testSequences,
      label: 'Test lists',
      help: 'Lists that each trained model, one simulated subject, recalls',
      default: 64
    },
    order: choice('Order', 'any', ['any', 'forward'], {
      help: 'The order in which training says the words: a random one for every list, or that of study.'
    })
  },
  metrics: [
    ...recallMetrics,
    {
      name: 'share',
      label: 'Share recalled',
      ...asShare,
      tex: '\\frac1{nL}\\sum_l |R_l|',
      help: 'Share of the words of a list that are recalled: what training is for, and what tuning looks at.'
    },
    {
      name: 'intrusions',
      label: 'Intrusions and repeats',
      unit: 'words',
      direction: 'lower',
      tex: '\\frac1L\\sum_l |\\text{not of the list, or again}|',
      help: 'Words of a list’s recall that were not studied or had been said before.',
      most: 'items'
    }
  ],
  mainMetric: 'recalled',
  series: recallSeries.map((info) => (info.of ? { ...info, of: ['testSequences'] } : info)),
  opensWith: 'spc',
  revision: 1,
  sizes: ({ items }) => ({ length: 2 * items + 1, asked: items + 1 }),
  begin(p, { batch, random }) {
    if (p.items > poolOf(p))
      throw new StudioError('bad-input', `Lists of ${p.items} different words need a vocabulary of ${p.items + 2}.`, {
        field: 'task.params.vocabulary'
      })
    return {
      examples: (step) => lessons(random, `train.${step}`, batch, p.batchSize, p),
      async test(trained) {
        const lists = p.testSequences
        const studied = words(random, 'test', batch, lists, p)
        const recalls = await recallAll(trained, studied, lists, p)
        const subjects = Array.from({ length: batch }, (_, b) =>
          Array.from({ length: lists }, (_, l): RecallList => {
            const row = b * lists + l
            const items = Array.from(studied.subarray(row * p.items, (row + 1) * p.items))
            // A word is named by its list and place; one that was not studied lies behind all lists.
            const name = (token: number): string =>
              items.includes(token) ? `${l + 1} ${items.indexOf(token)}` : `${lists + 1} ${token}`
            return {
              subject: 'simulated',
              list: String(l + 1),
              items: items.map(name),
              recalls: recalls[row].map(name)
            }
          })
        )
        const { metrics, series, traces = [] } = recallResult(subjects, undefined, false)
        const share = Array.from(metrics.recalled, (count) => (count === null ? null : count / p.items))
        const told = { ...metrics, share, intrusions: subjects.map(wrongWords) }
        const unless = (values: ArrayLike<number | null>): (number | null)[] =>
          Array.from(values, (value, b) => (trained.diverged[b] ? NaN : value))
        // What the blocks look at while they recall the first list, their own words before them.
        const length = 2 * p.items + 1
        const firsts = Array.from({ length: batch }, (_, b) => begun(studied, recalls, b * lists, p)).flat()
        const shown = asking(Int32Array.from(firsts), 1, length)
        return {
          metrics: Object.fromEntries(Object.entries(told).map(([name, values]) => [name, unless(values)])),
          series,
          traces: [...traces, ...withTokenNames(await trained.traces(shown), shown, (token) => nameOf(token, p))]
        }
      }
    }
  }
})

interface Shape {
  items: number
  vocabulary: number
  order: string
}

/** Token 0 asks for recall; then come the words; the last says that there are no more. */
const poolOf = ({ vocabulary }: Pick<Shape, 'vocabulary'>): number => vocabulary - 2
const endOf = ({ vocabulary }: Pick<Shape, 'vocabulary'>): number => vocabulary - 1
const nameOf = (token: number, p: Pick<Shape, 'vocabulary'>): string =>
  token === 0 ? 'recall' : token === endOf(p) ? 'end' : `word ${token}`

/** Lists of different words [B, lists, items] flat. */
function words(random: Draws, name: string, batch: number, lists: number, p: Omit<Shape, 'order'>): Int32Array {
  const { items } = p
  const draws = random.uniform(`${name}.words`, lists * items)
  const out = new Int32Array(batch * lists * items)
  for (let row = 0; row < batch * lists; row++) {
    let at = row * items
    const list = sample(items, poolOf(p), (n) => Math.min(n - 1, Math.floor(draws[at++] * n)))
    out.set(
      list.map((word) => 1 + word),
      row * items
    )
  }
  return out
}

/** Lists with a recall of all of their words, each word of it and the end to be predicted. */
export function lessons(random: Draws, name: string, batch: number, sequences: number, p: Shape): Examples {
  const { items, order } = p
  const [length, asked] = [2 * items + 1, items + 1]
  const studied = words(random, name, batch, sequences, p)
  const draws = order === 'any' ? random.uniform(`${name}.order`, sequences * items) : undefined
  const rows = batch * sequences
  const tokens = new Int32Array(rows * length)
  const [positions, targets] = [0, 1].map(() => new Int32Array(rows * asked))
  for (let row = 0; row < rows; row++) {
    const list = studied.subarray(row * items, (row + 1) * items)
    let at = row * items
    const said = draws
      ? sample(items, items, (n) => Math.min(n - 1, Math.floor(draws[at++] * n))).map((i) => list[i])
      : [...list]
    tokens.set([...list, 0, ...said], row * length)
    positions.set(
      said.concat(0).map((_, i) => items + i),
      row * asked
    )
    targets.set([...said, endOf(p)], row * asked)
  }
  return { sequences, length, tokens, asked, positions, targets }
}

/** One prediction of each sequence, after its last token. */
const asking = (tokens: Int32Array, sequences: number, length: number): Examples => {
  const rows = tokens.length / length
  return {
    ...{ sequences, length, tokens, asked: 1 },
    positions: new Int32Array(rows).fill(length - 1),
    targets: new Int32Array(rows)
  }
}

/** A list as it is read when so many words have been recalled: the whole sequence of a row, the end after the last. */
function begun(studied: Int32Array, recalls: readonly number[][], row: number, p: Omit<Shape, 'order'>): number[] {
  const said = recalls[row]
  const { items } = p
  const rest = new Array<number>(items - said.length).fill(endOf(p))
  return [...studied.subarray(row * items, (row + 1) * items), 0, ...said, ...rest]
}

/** What the trained models say to each list, word by word: [B * lists]. */
async function recallAll(
  trained: Pick<Trained, 'answer'>,
  studied: Int32Array,
  lists: number,
  p: Omit<Shape, 'order'>
): Promise<number[][]> {
  const { items } = p
  const rows = studied.length / items
  const recalls: number[][] = Array.from({ length: rows }, () => [])
  const going = new Set(recalls.keys())
  for (let k = 0; k < items && going.size > 0; k++) {
    const length = items + 1 + k
    const tokens = new Int32Array(rows * length)
    for (let row = 0; row < rows; row++) tokens.set(begun(studied, recalls, row, p).slice(0, length), row * length)
    const { predicted } = await trained.answer(asking(tokens, lists, length))
    for (const row of going) {
      // The sign to recall is no word: who says it has nothing more to say.
      if (predicted[row] === 0 || predicted[row] === endOf(p)) going.delete(row)
      else recalls[row].push(predicted[row])
    }
  }
  return recalls
}

/** Words a list that were not studied, or said again. */
function wrongWords(lists: readonly RecallList[]): number {
  const wrong = lists.map(
    ({ items, recalls }) => recalls.length - new Set(recalls.filter((w) => items.includes(w))).size
  )
  return wrong.reduce((sum, n) => sum + n, 0) / lists.length
}
