/** Experiments and suites before they run. */
import { z } from 'zod'
import { errorSchema } from '../shapes/errors.ts'
import { experimentSchema } from '../shapes/experiment.ts'
import { markers } from '../figures/model-style.ts'
import { suiteSchema } from '../grid/suite.ts'
import { fewIds, id, label, nothing, type Calls } from './call.ts'

export const experimentCalls = {
  'examples.list': { input: nothing, output: z.array(z.object({ file: z.string(), experiment: experimentSchema })) },
  /**
   * The figure with which the run of a ready experiment opens, drawn from the results that ship, in the colours of a
   * theme; null where none ship.
   */
  'examples.figure': {
    input: z.object({ file: z.string().max(200), dark: z.boolean() }),
    output: z
      .object({
        title: z.string(),
        svg: z.string(),
        legend: z.array(
          z.object({
            label: z.string(),
            style: z.object({ colour: z.string(), dash: z.array(z.number()), marker: z.enum(markers) })
          })
        )
      })
      .nullable()
  },
  /** The shipped references that asked of their models what these runs did: the same task, at points and with seeds of theirs. */
  'references.fitting': {
    input: z.object({ ids: fewIds }),
    output: z.array(z.object({ file: z.string(), name: z.string(), points: z.int(), seeds: z.int() }))
  },
  /** Take shipped references in as runs that are not changed: these, or all. */
  'references.take': {
    input: z.object({ files: z.array(z.string().max(200)).max(200).optional() }),
    output: z.object({ ids: z.array(id) })
  },
  /** Grid size, cost and expected time; every error of the experiment. */
  'experiment.plan': {
    input: z.object({ experiment: z.json() }),
    output: z.object({
      errors: z.array(errorSchema),
      trials: z.int(),
      cells: z.int(),
      /** That every model tries first; `trials` does not count them. */
      tuningTrials: z.int(),
      /** FLOPs of one trial, by model label (mean over points), and of the whole grid. */
      flopsPerTrial: z.record(z.string(), z.number()),
      /** By model label, the largest over points: what training could change, and bytes the memory writes. */
      storage: z.record(z.string(), z.object({ parameters: z.number(), stateBytes: z.number() })),
      totalFlops: z.number()
    })
  },
  /** Measured by running one small batch per model (at most about two seconds). */
  'experiment.estimate': {
    input: z.object({ experiment: z.json() }),
    output: z.object({ ms: z.number(), backend: z.string() })
  },
  /** The suites that ship with the studio. */
  'suites.list': { input: nothing, output: z.array(z.object({ file: z.string(), suite: suiteSchema })) },
  /** Start a run for every task of a suite, tagged with its name; `left` says which model does not fit which task. */
  'suites.start': {
    input: z.object({ suite: z.json() }),
    output: z.object({
      ids: z.array(id),
      left: z.array(z.object({ task: z.string(), label: z.string(), reason: z.string() }))
    })
  },
  /** Sizes at which the other models cost what the reference does, at the first point; null where none comes near. */
  'experiment.match': {
    input: z.object({
      experiment: z.json(),
      /** A model's label. */
      reference: label,
      /** Trainable numbers, bytes of state, or FLOPs of a trial. */
      by: z.enum(['parameters', 'state', 'flops'])
    }),
    output: z.object({
      target: z.number(),
      models: z.array(
        z.object({
          label: z.string(),
          /** What it costs as it is. */
          now: z.number(),
          match: z.object({ param: z.string(), value: z.int(), cost: z.number() }).nullable()
        })
      )
    })
  }
} as const satisfies Calls
