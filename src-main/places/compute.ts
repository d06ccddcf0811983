/** One batch of another studio's, computed on this machine's engine: checked first, so that nothing else is computed. */
import { modelIn, taskIn, type Catalog } from '../../src-shared/shapes/catalog.ts'
import { errorOf, StudioError } from '../../src-shared/shapes/errors.ts'
import type { Checkpoint, TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import type { Computer } from '../../src-shared/shapes/place.ts'
import type { Fallback } from '../../src-shared/shapes/run.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import type { BackendChoice } from '../../src-shared/shapes/experiment.ts'
import type { EngineOptions, EngineProcess, LivePoint } from '../engine/protocol.ts'
import type { AssetFolder } from './assets.ts'
import { identityOf, unpacked, type Answer, type Batch } from './batch.ts'
import { Here } from './here.ts'
import type { Place } from './place.ts'

export interface ComputerOptions {
  /** What is known of this machine, its adapter left out. */
  about: Omit<Computer, 'adapter'>
  start: (options: EngineOptions) => EngineProcess
  assets: AssetFolder
  /** Threads; 0: one for each core. */
  workers: number
  backend: BackendChoice
  /** The user's own code is run. */
  trustsModels: boolean
}

/** What a batch tells while it computes. */
export interface BatchHooks {
  points?(points: LivePoint[]): void
  log?(text: string): void
  checkpoint?(trials: Checkpoint[]): void
}

/** A batch that this machine does not take, though another may. */
export class Refusal extends StudioError {}

/** This machine's engine, and one beside it for each collection of the user's own models. */
export class BatchComputer {
  readonly #options: ComputerOptions
  readonly #engines = new Map<string, { place: Place; busy: number }>()
  #jobs = 0

  constructor(options: ComputerOptions) {
    this.#options = options
  }

  /** Threads and adapters, once the engine has started. @throws StudioError engine-crashed */
  async ready(): Promise<{ lanes: number; adapter: string }> {
    const { workers, backends } = await this.#engine('').place.ready()
    const adapter = backends
      .filter(({ available }) => available)
      .map((one) => `${one.name}: ${one.adapter}`)
      .join('; ')
    return { lanes: workers, adapter }
  }

  /**
   * @param fetch what the batch needs beside itself, by hash
   * @param cancelled settles when nobody wants the answer any more
   * @throws Refusal where this machine differs from the studio; StudioError cancelled, and why it cannot be computed
   */
  async compute(
    batch: Batch,
    fetch: (hash: string) => Promise<Buffer | undefined>,
    hooks: BatchHooks = {},
    cancelled: AbortSignal = new AbortController().signal
  ): Promise<Answer> {
    const { about, assets, trustsModels } = this.#options
    if (batch.version !== about.version)
      throw new Refusal(
        'conflict',
        `This batch is of Engram Studio ${batch.version}; ${about.host} has ${about.version}. Install the same version there.`
      )
    if (batch.assets.code !== undefined && !trustsModels)
      throw new Refusal(
        'not-supported',
        `This batch needs your own models, and the worker ${about.name} runs no code of others. Start it with --trust-models.`
      )
    const { weights, models } = await assets.have(batch.assets, fetch)
    const engine = this.#engine(models)
    engine.busy++
    try {
      const { catalog } = await engine.place.ready()
      refuseOther(batch, catalog, about.host)
      const { adapter } = await this.ready()
      const { outcomes, fallbacks } = await this.#run(engine.place, batch, weights, hooks, cancelled)
      return { outcomes, fallbacks, computer: { ...about, adapter } }
    } finally {
      engine.busy--
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#engines.values()].map(({ place }) => place.stop()))
    this.#engines.clear()
  }

  #engine(modelFolder: string): { place: Place; busy: number } {
    const known = this.#engines.get(modelFolder)
    if (known) return known
    // One engine for the built-in models stays; of those for others' code, only what is busy.
    for (const [folder, { place, busy }] of this.#engines)
      if (folder && !busy) {
        this.#engines.delete(folder)
        void place.stop()
      }
    const { start, assets, workers, backend } = this.#options
    const place = new Here(
      start,
      () => ({ workers, modelFolder, vectorFolder: assets.vectors, backend }),
      () => undefined
    )
    const engine = { place, busy: 0 }
    this.#engines.set(modelFolder, engine)
    return engine
  }

  #run(
    place: Place,
    batch: Batch,
    weights: string | undefined,
    { points, log, checkpoint }: BatchHooks,
    cancelled: AbortSignal
  ): Promise<{ outcomes: TrialOutcome[]; fallbacks: Fallback[] }> {
    const { task, generator, backend, cell, seeds, checkpoints } = batch
    const runId = `batch-${++this.#jobs}`
    return new Promise((resolve, reject) => {
      const outcomes: TrialOutcome[] = []
      const fallbacks: Fallback[] = []
      const cancel = (): void => place.tell('cancel', runId)
      cancelled.addEventListener('abort', cancel, { once: true })
      place.run(
        {
          runId,
          task,
          generator,
          backend,
          whole: true,
          cells: [
            {
              ...(cell as unknown as Cell & { index: number }),
              ...(weights !== undefined && { weights }),
              seeds,
              checkpoints: unpacked(checkpoints)
            }
          ]
        },
        {
          trials: (trials) => void outcomes.push(...trials),
          ...(points && { points }),
          ...(log && { log }),
          ...(checkpoint && { checkpoint: (_, trials) => checkpoint(trials) }),
          fellBack: (fallback) => void fallbacks.push(fallback),
          ended({ how, error }) {
            cancelled.removeEventListener('abort', cancel)
            if (how === 'done') return resolve({ outcomes, fallbacks })
            if (error?.code === 'backend-unavailable') return reject(new Refusal(error.code, error.message, error))
            reject(errorOf(error ?? { code: 'cancelled', message: 'The run was cancelled.' }))
          }
        }
      )
      if (cancelled.aborted) cancel()
    })
  }
}

/** @throws StudioError not-found for what there is not, Refusal for what differs from the studio's */
function refuseOther(batch: Batch, catalog: Catalog, host: string): void {
  const { task, cell, revisions } = batch
  const known = { task: taskIn(catalog, task), model: modelIn(catalog, cell.model) }
  for (const what of ['task', 'model'] as const) {
    const id = what === 'task' ? task : cell.model
    const found = known[what]
    if (!found) {
      const why = catalog.notLoaded?.map(({ message }) => ` ${message}`).join('') ?? ''
      throw new StudioError('not-found', `${host} knows no ${what} "${id}".${why}`)
    }
    if (found.revision !== revisions[what])
      throw new Refusal(
        'conflict',
        `The ${what} ${id} is of revision ${found.revision} on ${host}, and of ${revisions[what]} here. Install the same version there.`
      )
  }
  if (identityOf(batch, catalog) !== batch.identity)
    throw new Refusal(
      'conflict',
      `${host} would compute other trials than were asked for (${cell.label}): what it knows of the model or the task differs.`
    )
}
