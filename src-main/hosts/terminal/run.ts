/** `engram run FILE`: run an experiment file here and now. */
import { errorOf, StudioError } from '../../../src-shared/shapes/errors.ts'
import {
  limits,
  parseExperiment,
  seedsOf,
  type BackendChoice,
  type Experiment
} from '../../../src-shared/shapes/experiment.ts'
import type { PlaceName } from '../../../src-shared/shapes/place.ts'
import { isWandbSweep } from '../../../src-shared/exchange/wandb.ts'
import { progressLine } from './progress.ts'
import { resultOf, type RunResult } from './results.ts'
import { readText } from './read.ts'
import { plain } from './text.ts'
import { sweepExperiment } from './sweep.ts'
import type { OwnCode } from '../own-code.ts'
import { withStudio, type Session } from './session.ts'

export interface RunOptions extends OwnCode {
  data: string
  backend?: BackendChoice
  /** Where it is computed; here if left out. */
  on?: Exclude<PlaceName, 'slurm'>
  /** Address of the queue. */
  queue?: string
  /** How many seeds, from the experiment's first on. */
  seeds?: number
  /** Just this one. */
  seed?: number
  /** Folder for trials that cannot be stored. */
  unsaved?: string
}

/** @throws StudioError not-found, too-large, bad-file or bad-input, each with the file's name */
export async function readExperiment(file: string): Promise<Experiment> {
  const text = await readText(file)
  if (!isWandbSweep(text) && !/\.ya?ml$/i.test(file)) return parseExperiment(text, file)
  const { experiment, notes } = await sweepExperiment(file)
  for (const note of notes) process.stderr.write(`${plain(note)}\n`)
  return experiment
}

/** The experiment with what the command line says instead. @throws StudioError bad-input */
export function withOptions(experiment: Experiment, { backend, seeds, seed }: RunOptions): Experiment {
  if (seeds !== undefined && seed !== undefined)
    throw new StudioError('bad-input', 'Give --seeds (how many) or --seed (which one), not both.', { field: 'seeds' })
  if (seeds !== undefined && seeds > limits.seeds)
    throw new StudioError('bad-input', `At most ${limits.seeds} seeds are allowed.`, { field: 'seeds' })
  return {
    ...experiment,
    ...(backend && { backend }),
    ...(seeds !== undefined && { seeds: { first: seedsOf(experiment)[0], count: seeds } }),
    ...(seed !== undefined && { seeds: [seed] })
  }
}

/**
 * Run an experiment file to its end, with progress on stderr.
 * @throws StudioError cancelled after Ctrl-C, or what ended the run; the trials that ended before are kept
 */
export async function runFile(file: string, options: RunOptions): Promise<RunResult> {
  const experiment = withOptions(await readExperiment(file), options)
  return withStudio(
    options.data,
    'change',
    async ({ ask, runEnd }) => {
      const plan = await ask('experiment.plan', { experiment })
      if (plan.errors.length) throw errorOf({ file, ...plan.errors[0] })
      const { id } = await ask('runs.start', { experiment, ...(options.on && { on: { kind: options.on } }) })
      await waitFor(id, { ask, runEnd })
      return resultOf(id, experiment, ask)
    },
    options
  )
}

/**
 * Go on with a run that ended before its last trial, to its end, with progress on stderr.
 * @throws StudioError not-found, conflict when there is nothing to resume; as runFile
 */
export async function resumeRun(
  id: string,
  { data, ...more }: Pick<RunOptions, 'data' | 'unsaved' | 'queue'> & OwnCode
): Promise<RunResult> {
  const use = async ({ ask, runEnd }: Session): Promise<RunResult> => {
    await ask('runs.resume', { id })
    await waitFor(id, { ask, runEnd })
    const { experiment } = await ask('runs.get', { id })
    return resultOf(id, experiment, ask)
  }
  return withStudio(data, 'change', use, more)
}

/** What asks a process to end, other than Ctrl-C. */
const endSignals = ['SIGTERM', 'SIGHUP'] as const

/**
 * Wait for a run with a line of progress on stderr; Ctrl-C cancels it, a signal to end interrupts it.
 * @throws StudioError cancelled after either, or what ended the run
 */
export async function waitFor(id: string, { ask, runEnd }: Pick<Session, 'ask' | 'runEnd'>): Promise<void> {
  const line = progressLine(process.stderr)
  const cancel = (): void => {
    // A second Ctrl-C ends the process as it would without us.
    process.off('SIGINT', cancel)
    void ask('runs.cancel', { id })
  }
  let told: (error: StudioError) => void = () => {}
  const asked = new Promise<never>((_, reject) => (told = reject))
  const leave = (signal: NodeJS.Signals): void =>
    told(new StudioError('cancelled', `Interrupted by ${signal}; go on with: engram resume ${id}`))
  process.on('SIGINT', cancel)
  for (const signal of endSignals) process.on(signal, leave)
  try {
    const end = await Promise.race([runEnd(id, line.show), asked])
    line.end()
    if (end.status === 'done') return
    if (end.error) throw errorOf(end.error)
    throw new StudioError('cancelled', `The run was ${end.status}; run ${id} keeps the trials that ended.`)
  } finally {
    line.end()
    process.off('SIGINT', cancel)
    for (const signal of endSignals) process.off(signal, leave)
  }
}
