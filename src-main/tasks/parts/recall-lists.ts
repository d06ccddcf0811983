/** The lists of a free-recall experiment: how alike the words are, and from which source each comes. */
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { choice, integer, number, vectors } from '../../../src-shared/shapes/params.ts'
import type { TaskContext } from '../task.ts'

const scheduleNames = ['immediate', 'delayed', 'continual'] as const

export const recallListParams = {
  items: integer('Items', 24, { help: 'Words in a list.', min: 2, max: 500, symbol: 'N' }),
  lists: integer('Lists', 12, {
    help: 'Lists of one simulated subject; each begins anew.',
    min: 1,
    max: 1000
  }),
  distractors: integer('Distractors', 0, {
    help: 'Distractors between study and test: 0 = immediate, more = delayed.',
    min: 0,
    max: 100
  }),
  schedule: choice('Distraction', 'delayed', scheduleNames, {
    help: 'When the distractors come. immediate: never, whatever their number. delayed: after the list. continual: between every two words, too.',
    later: true
  }),
  sources: integer('Sources', 1, {
    help: 'Sources (encoding tasks) among which a list changes; 1 for none.',
    min: 1,
    max: 20
  }),
  train: integer('Longest train', 6, {
    help: 'Items studied from one source before the next: drawn from 2 to this.',
    min: 2,
    max: 500
  }),
  words: choice('Words', 'similar', ['similar', 'unrelated', 'imported'], {
    help: 'similar: the cosine of every two words is drawn from a normal distribution, which models with word meaning use. unrelated: all at right angles. imported: words are rows of imported vectors, alike as their cosines say.'
  }),
  similarityMean: number('Mean similarity', 0.06, {
    help: 'Mean cosine of two words.',
    needs: { param: 'words', in: ['similar'] },
    min: -1,
    max: 1
  }),
  similaritySpread: number('Spread of similarity', 0.1, {
    help: 'Standard deviation of that cosine.',
    needs: { param: 'words', in: ['similar'] },
    min: 0,
    max: 1
  }),
  vectors: vectors('Word vectors', {
    help: 'For imported words: each list draws its own rows, none twice in a list.',
    needs: { param: 'words', in: ['imported'] }
  })
}

export interface Distraction {
  distractors: number
  schedule: (typeof scheduleNames)[number]
}

/** How many distractors come between two words, and how many after the list. */
export function distraction({ distractors, schedule }: Distraction): { between: number; after: number } {
  return {
    between: schedule === 'continual' ? distractors : 0,
    after: schedule === 'immediate' ? 0 : distractors
  }
}

export interface WordParams {
  words: 'similar' | 'unrelated' | 'imported'
  similarityMean: number
  similaritySpread: number
  vectors: string
}

type Drawing = Pick<TaskContext, 'batch' | 'random' | 'vectors'>

/** The words of a list, for every trial. */
export interface Words {
  /** [n, n] each: 1 on the diagonal. Left out for unrelated words. */
  similarity?: readonly Float64Array[]
  /** [n, columns] each, where words are imported. */
  rows?: readonly Float32Array[]
}

/**
 * Draws n words for every trial: similarities normal(mean, spread), signed and symmetric, or rows of imported vectors
 * with their cosines.
 * @throws StudioError bad-input when there are fewer imported rows than words; not-found when they are not there
 */
export function drawWords({ batch, random, vectors: imported }: Drawing, n: number, p: WordParams): Words {
  switch (p.words) {
    case 'unrelated':
      return {}
    case 'similar': {
      const pairs = (n * (n - 1)) / 2
      const drawn = random.normal('similarity', pairs)
      const similarity = Array.from({ length: batch }, (_, b) => {
        let at = b * pairs
        return symmetric(n, () => p.similarityMean + p.similaritySpread * drawn[at++])
      })
      return { similarity }
    }
    case 'imported': {
      const { rows: known, columns, data } = imported(p.vectors)
      if (n > known)
        throw new StudioError('bad-input', `A list needs ${n} words; ${known} rows were imported.`, {
          field: 'task.params.vectors'
        })
      const order = random.permutation('words', known)
      const rows = Array.from({ length: batch }, (_, b) => {
        const out = new Float32Array(n * columns)
        for (let i = 0; i < n; i++) {
          const row = order[b * known + i]
          out.set(data.subarray(row * columns, (row + 1) * columns), i * columns)
        }
        return out
      })
      return { rows, similarity: rows.map((own) => symmetric(n, (i, j) => cosine(own, i, j, columns))) }
    }
  }
}

function symmetric(n: number, of: (i: number, j: number) => number): Float64Array {
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    out[i * n + i] = 1
    for (let j = 0; j < i; j++) out[i * n + j] = out[j * n + i] = of(i, j)
  }
  return out
}

function cosine(data: Float32Array, i: number, j: number, columns: number): number {
  let [dot, a, b] = [0, 0, 0]
  for (let k = 0; k < columns; k++) {
    const [x, y] = [data[i * columns + k], data[j * columns + k]]
    dot += x * y
    a += x * x
    b += y * y
  }
  return a && b ? dot / Math.sqrt(a * b) : 0
}

/** The source of every item, by trial: trains of 2 to `train` items, each from another source than the one before. */
export function drawSources(
  { batch, random }: Pick<Drawing, 'batch' | 'random'>,
  n: number,
  sources: number,
  train: number
): number[][] {
  if (sources === 1) return Array.from({ length: batch }, () => new Array<number>(n).fill(0))
  const lengths = random.integers('train length', n, 2, train + 1)
  const steps = random.integers('next source', n, 1, sources)
  return Array.from({ length: batch }, (_, b) => {
    const out: number[] = []
    let source = steps[b * n] % sources
    for (let k = 0; out.length < n; k++) {
      for (let i = 0; i < lengths[b * n + k] && out.length < n; i++) out.push(source)
      source = (source + steps[b * n + k]) % sources
    }
    return out
  })
}
