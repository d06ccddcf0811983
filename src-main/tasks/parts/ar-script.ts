/**
 * The two ar- tasks replay a PyTorch script that builds its models, then draws its data, all on one generator.
 * With the generator torch a trial therefore makes every draw of the script, in the script's order, up to its own
 * model's score; with philox each trial has the same protocol with streams of its own.
 */
import type { Tensor3D } from '@tensorflow/tfjs'
import type { TaskContext } from '../task.ts'
import { rows } from './tensors.ts'

/** How many of the scripted memories each script builds. */
export const comparisonMemories = 6
export const interferenceMemories = 3

/** Builds the script's models in its order; the tested one at its own place. They live until the trial ends. */
export function buildAll(context: TaskContext, count: number, dim: number, withTested: boolean): void {
  const { kinds, tested } = context.script()
  for (const [place, kind] of kinds.slice(0, count).entries())
    if (withTested && place === tested) context.memory()
    else context.build(kind, { dim })
}

/** The script's randn(count, dim). */
export function randn({ batch, random }: TaskContext, name: string, count: number, dim: number): Tensor3D {
  return rows(random.normal(name, count * dim), batch, dim)
}
