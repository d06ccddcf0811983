import { defineTask } from './task.ts'
import { cueParams, drawCues } from './parts/cues.ts'
import { asCosine, asShare, scoreInfos } from './parts/judge.ts'
import { listParams } from './parts/list.ts'
import { correlation, drawAll, gridParams, structures } from './parts/patterns.ts'
import { pictureTraces, recallPictures } from './parts/pictures.ts'
import { byTrial, meanByTrial, rows as asRows, withTensors } from './parts/tensors.ts'

const names = Object.keys(structures)

/**
 * Structure: how much of a picture survives storage.
 *
 * Five pictures of ones and zeros on a rows x columns grid (diagonal, cross, border, checkerboard, ring), each its own
 * value. Store them at once and recall each by itself. Cosine, Pearson's correlation over cells, and peaks: the share of
 * the picture's cells that come back above 0.5.
 */
export default defineTask({
  id: 'structure',
  title: 'Structure',
  family: 'Recall',
  summary: 'How much of a picture’s structure survives storage?',
  protocol: [
    'Take five pictures on a grid: diagonal, cross, border, checkerboard and ring.',
    'Store them in one call, each as its own value.',
    'Recall each by itself: exact, with noise, or in part.',
    'Compare what comes back with the picture, cell by cell.'
  ],
  diagram: [
    { kind: 'draw', title: 'Pictures', lines: ['diagonal, cross, border,', 'checkerboard, ring'] },
    { kind: 'study', title: 'Study', lines: ['pᵢ → pᵢ in one call'] },
    { kind: 'cue', title: 'Cue', lines: ['p̃ᵢ: exact, noisy or part', 'p̃ᵢ → rᵢ'] },
    {
      kind: 'judge',
      title: 'Judge',
      lines: ['cosine of rᵢ and pᵢ', 'correlation over cells', 'share of peaks that stay']
    }
  ],
  source: 'Structure preservation protocol of the source documents',
  params: { ...gridParams, writes: listParams.writes, ...cueParams },
  metrics: [
    { ...scoreInfos.cosine, help: 'Mean cosine of picture and recall.' },
    {
      name: 'correlation',
      label: 'Correlation',
      ...asCosine,
      tex: '\\frac1P\\sum_p\\operatorname{corr}(r_p,v_p)',
      help: 'Mean Pearson correlation over the cells of picture and recall; 0 for a recall without contrast.'
    },
    {
      name: 'peaks',
      label: 'Peaks preserved',
      ...asShare,
      tex: '\\frac1P\\sum_p\\frac{|\\{k:v_{pk}>\\tfrac12,\\,r_{pk}>\\tfrac12\\}|}{|\\{k:v_{pk}>\\tfrac12\\}|}',
      help: 'Share of the picture’s cells that come back above 0.5. A recall that is too bright everywhere also scores here: read it with the correlation.',
      chance: 0
    }
  ],
  mainMetric: 'correlation',
  series: [
    {
      name: 'correlation-by-picture',
      label: 'Correlation',
      x: { label: 'Picture (1 diagonal, 2 cross, 3 border, 4 checkerboard, 5 ring)' },
      direction: 'higher',
      help: 'Correlation of each picture with its recall.',
      range: [-1, 1]
    }
  ],
  needs: { interface: 'key-value' },
  revision: 1,
  workload: ({ writes }) => ({ stored: names.length * writes, before: 0, queries: names.length }),
  run: ({ rows, columns, writes, ...cue }, context) =>
    withTensors(async (own) => {
      const { batch } = context
      const d = rows * columns
      const stored = drawAll(structures, rows, columns, batch)
      const pictures = own(asRows(stored, batch, d))
      const { judged, back } = await recallPictures(
        pictures,
        own(drawCues(context, pictures, cue)),
        writes,
        own,
        context
      )
      const each = names.flatMap((_, p) => Array.from({ length: batch }, (_, b) => [b, p] as const))
      const correlations = new Float64Array(batch * names.length)
      const peaks = new Float64Array(batch * names.length)
      for (const [b, p] of each) {
        const at = (b * names.length + p) * d
        const [v, r] = [stored.subarray(at, at + d), back.subarray(at, at + d)]
        correlations[b * names.length + p] = correlation(v, r)
        const lit = v.reduce((count, x) => count + (x > 0.5 ? 1 : 0), 0)
        peaks[b * names.length + p] = v.reduce((count, x, k) => count + (x > 0.5 && r[k] > 0.5 ? 1 : 0), 0) / lit
      }
      return {
        metrics: {
          cosine: meanByTrial(judged.cosine, batch),
          correlation: meanByTrial(correlations, batch),
          peaks: meanByTrial(peaks, batch)
        },
        series: { 'correlation-by-picture': { x: names.map((_, i) => i + 1), y: byTrial(correlations, batch) } },
        traces: pictureTraces(names, stored, back, rows, columns)
      }
    })
})
