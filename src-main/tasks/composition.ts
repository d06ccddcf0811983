import { number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { asCosine, asShare, hits, scoreInfos } from './parts/judge.ts'
import { listParams } from './parts/list.ts'
import { compositions, correlation, drawAll, gridParams } from './parts/patterns.ts'
import { pictureTraces, recallPictures } from './parts/pictures.ts'
import { meanByTrial, rows as asRows, withTensors } from './parts/tensors.ts'

const names = Object.keys(compositions)

/**
 * Composition: recall of a whole picture from a part.
 *
 * Five pictures of ones and zeros made of lines (line, corner, cross, T, L), each its own value. Store them at once. The
 * cue is a random share of a picture's cells, the rest dark. Completion = share of the missing cells that come back
 * above 0.5; intrusion = share of the dark cells that do.
 */
export default defineTask({
  id: 'composition',
  title: 'Composition',
  family: 'Recall',
  summary: 'Can the whole picture be recalled from a part of it?',
  protocol: [
    'Take five pictures made of lines on a grid: line, corner, cross, T and L.',
    'Store them in one call, each as its own value.',
    'Cue with a random share of a picture’s cells, the rest dark.',
    'Count the missing cells that come back, and the dark ones that light up wrongly.'
  ],
  diagram: [
    { kind: 'draw', title: 'Pictures', lines: ['line, corner, cross, T, L'] },
    { kind: 'study', title: 'Study', lines: ['pᵢ → pᵢ in one call'] },
    { kind: 'cue', title: 'Cue', lines: ['p̃ᵢ: a share of lit cells', 'p̃ᵢ → rᵢ'] },
    { kind: 'judge', title: 'Judge', lines: ['missing cells that light up', 'dark cells that light up'] }
  ],
  source: 'Pattern completion protocol of the source documents',
  params: {
    ...gridParams,
    share: number('Cue share', 0.5, {
      help: 'Share of a picture’s cells that the cue shows; at least one is left out and one shown.',
      min: 0,
      max: 1
    }),
    writes: listParams.writes
  },
  defaultSweep: { share: [0.2, 0.4, 0.6, 0.8] },
  metrics: [
    { ...scoreInfos.cosine, help: 'Mean cosine of the whole picture and what came back.' },
    scoreInfos.accuracy(1 / names.length, [names.length]),
    {
      name: 'completion',
      label: 'Completion',
      ...asShare,
      tex: '\\frac{|\\{k\\text{ missing}:r_k>\\tfrac12\\}|}{|\\{k\\text{ missing}\\}|}',
      help: 'Share of the cells that the cue left out that come back above 0.5.',
      chance: 0
    },
    {
      name: 'intrusion',
      label: 'Intrusion',
      direction: 'lower',
      tex: '\\frac{|\\{k\\text{ dark}:r_k>\\tfrac12\\}|}{|\\{k\\text{ dark}\\}|}',
      help: 'Share of the cells outside the picture that come back above 0.5.',
      range: [0, 1]
    },
    {
      name: 'correlation',
      label: 'Correlation',
      ...asCosine,
      tex: '\\frac1P\\sum_p\\operatorname{corr}(r_p,v_p)',
      help: 'Mean Pearson correlation over the cells of the whole picture and what came back.'
    }
  ],
  mainMetric: 'cosine',
  needs: { interface: 'key-value' },
  revision: 1,
  workload: ({ writes }) => ({ stored: names.length * writes, before: 0, queries: names.length }),
  run: ({ rows, columns, share, writes }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const [d, count] = [rows * columns, names.length]
      const stored = drawAll(compositions, rows, columns, batch)
      const cue = partOf(
        stored,
        names.map((name) => random.permutation(`cue of ${name}`, d)),
        d,
        share
      )
      const pictures = own(asRows(stored, batch, d))
      const { judged, back } = await recallPictures(pictures, own(asRows(cue, batch, d)), writes, own, context)
      const per = { completion: [] as number[], intrusion: [] as number[], correlation: [] as number[] }
      for (let i = 0; i < batch * count; i++) {
        const at = i * d
        const cells = Array.from({ length: d }, (_, k) => at + k)
        const above = (list: number[]): number => list.filter((k) => back[k] > 0.5).length / list.length
        per.completion.push(above(cells.filter((k) => stored[k] === 1 && cue[k] === 0)))
        per.intrusion.push(above(cells.filter((k) => stored[k] === 0)))
        per.correlation.push(correlation(stored.subarray(at, at + d), back.subarray(at, at + d)))
      }
      return {
        metrics: {
          cosine: meanByTrial(judged.cosine, batch),
          accuracy: meanByTrial(hits(judged, batch), batch),
          completion: meanByTrial(per.completion, batch),
          intrusion: meanByTrial(per.intrusion, batch),
          correlation: meanByTrial(per.correlation, batch)
        },
        traces: pictureTraces(names, stored, back, rows, columns)
      }
    })
})

/**
 * Keeps the given share of each picture's lit cells, at least one and not all: the first ones in a random order.
 * @param orders one permutation of the cells per trial and picture: orders[p] is [B * d]
 */
function partOf(stored: Float32Array, orders: readonly Int32Array[], d: number, share: number): Float32Array {
  const cue = new Float32Array(stored.length)
  for (let at = 0; at < stored.length; at += d) {
    const [b, p] = [Math.floor(at / d / orders.length), (at / d) % orders.length]
    const lit = Array.from(orders[p].subarray(b * d, (b + 1) * d)).filter((k) => stored[at + k] === 1)
    const kept = Math.max(1, Math.min(lit.length - 1, Math.round(share * lit.length)))
    for (const k of lit.slice(0, kept)) cue[at + k] = 1
  }
  return cue
}
