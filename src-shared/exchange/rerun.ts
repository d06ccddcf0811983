/** The rerun check: a sample of a run's trials computed again and held to what is stored. */
import { z } from 'zod'
import { StudioError } from '../shapes/errors.ts'
import type { Uniform } from '../statistics/random.ts'

const verdicts = ['identical', 'within', 'drifted', 'changed'] as const
/** changed: model, task or weights are not what they were, so the trial is another one now. */
export type RerunVerdict = (typeof verdicts)[number]

const trial = z.object({
  model: z.string(),
  point: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
  seed: z.int(),
  /** Backend of the stored trial and of the new one. */
  before: z.string(),
  after: z.string(),
  verdict: z.enum(verdicts),
  worst: z.object({ metric: z.string(), before: z.number().nullable(), after: z.number().nullable() }).nullable()
})

export const rerunCheckSchema = z.object({
  id: z.string(),
  runId: z.string(),
  time: z.string(),
  version: z.string(),
  commit: z.string(),
  /** Trials per model, and the seed of the draw that chose them. */
  sample: z.int(),
  draw: z.int(),
  tolerance: z.string(),
  trials: z.array(trial)
})
export type RerunCheck = z.infer<typeof rerunCheckSchema>
export type RerunTrial = RerunCheck['trials'][number]

export const defaultSample = 5

/**
 * Up to `sample` of the done trials of each model, drawn without replacement (Fisher-Yates), in their stored order.
 * @throws StudioError conflict when no trial is done
 */
export function drawTrials<T extends { model: string; status: string }>(
  trials: readonly T[],
  sample: number,
  random: Uniform
): T[] {
  const done = trials.filter(({ status }) => status === 'done')
  if (!done.length) throw new StudioError('conflict', 'This run has no finished trial to compute again.')
  const chosen = new Set<T>()
  for (const own of Map.groupBy(done, ({ model }) => model).values()) {
    const rest = [...own]
    for (let i = 0; i < Math.min(sample, rest.length); i++) {
      const j = i + Math.floor(random() * (rest.length - i))
      ;[rest[i], rest[j]] = [rest[j], rest[i]]
      chosen.add(rest[i])
    }
  }
  return done.filter((trial) => chosen.has(trial))
}

/** How many trials of each backend have which verdict. */
export function rerunSummary(check: RerunCheck): { backend: string; verdicts: Record<RerunVerdict, number> }[] {
  return [...Map.groupBy(check.trials, ({ after }) => after)].map(([backend, own]) => ({
    backend,
    verdicts: Object.fromEntries(
      verdicts.map((name) => [name, own.filter(({ verdict }) => verdict === name).length])
    ) as Record<RerunVerdict, number>
  }))
}

const words: Record<RerunVerdict, string> = {
  identical: 'identical, bit by bit',
  within: 'within tolerance',
  drifted: 'drifted',
  changed: 'not comparable: model or task have changed'
}

/** `wasm: 18 identical, bit by bit; 2 within tolerance`. */
export const rerunLines = (check: RerunCheck): string[] =>
  rerunSummary(check).map(
    ({ backend, verdicts: counts }) =>
      `${backend}: ${verdicts
        .filter((name) => counts[name] > 0)
        .map((name) => `${counts[name]} ${words[name]}`)
        .join('; ')}`
  )
