/** Pictures that were stored and what came back, as heat maps. */
import type { Tensor3D } from '@tensorflow/tfjs'
import type { Trace } from '../../models/model.ts'
import type { TaskContext } from '../task.ts'
import { judge, needSameSpace, retrieve, type Judged } from './judge.ts'
import type { Own } from './tensors.ts'

/** Store the pictures `writes` times over, cue each of them, and judge what comes back: [B * count * d] flat. */
export async function recallPictures(
  pictures: Tensor3D,
  cues: Tensor3D,
  writes: number,
  own: Own,
  context: TaskContext
): Promise<{ judged: Judged; back: Float32Array }> {
  const memory = context.memory()
  needSameSpace(memory)
  for (let i = 0; i < writes; i++) memory.store!({ keys: pictures, values: pictures })
  const retrieved = own(retrieve(memory, { queries: cues }))
  return { judged: await judge(retrieved, pictures, pictures), back: await retrieved.data<'float32'>() }
}

/**
 * Three heat maps per picture: stored, retrieved, and retrieved minus stored.
 * @param stored, retrieved [B * count * rows * columns]
 */
export function pictureTraces(
  names: readonly string[],
  stored: ArrayLike<number>,
  retrieved: ArrayLike<number>,
  rows: number,
  columns: number
): Trace[] {
  const d = rows * columns
  const size = names.length * d
  const batch = stored.length / size
  return names.flatMap((name, p) => {
    const kinds: [string, (i: number) => number][] = [
      ['stored', (i) => stored[i]],
      ['retrieved', (i) => retrieved[i]],
      ['difference', (i) => retrieved[i] - stored[i]]
    ]
    return kinds.map(([kind, value]) => ({
      name: `${name}/${kind}`,
      title: `${name[0].toUpperCase()}${name.slice(1)}: ${kind}`,
      kind: 'heatmap' as const,
      axes: ['Row', 'Column'],
      perTrial: Array.from({ length: batch }, (_, b) => ({
        shape: [rows, columns],
        data: Array.from({ length: d }, (_, k) => value(b * size + p * d + k))
      }))
    }))
  })
}
