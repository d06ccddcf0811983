/** What could not be stored of runs that have ended here: their end and their last trials, kept and tried again until they can be. */
import type { ErrorData } from '../../src-shared/shapes/errors.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import type { Run, RunRow } from '../../src-shared/shapes/run.ts'
import type { RunChange } from '../store/runs.ts'
import type { Store } from '../store/store.ts'

/** Between two tries. */
const retryMs = 2000

export interface UnsavedEnd {
  end: RunChange & { ended: string; error: ErrorData | null }
  trials: readonly TrialOutcome[]
  /** What the trials are of. */
  run?: Run
  cells?: readonly Cell[]
}

export class UnsavedEnds {
  readonly #write: Store['write']
  readonly #stored: (id: string, end: UnsavedEnd['end']) => void
  readonly #kept = new Map<string, UnsavedEnd>()
  #retry: NodeJS.Timeout | undefined
  #closed = false

  /** @param stored is told of every end that could be stored at last */
  constructor(write: Store['write'], stored: (id: string, end: UnsavedEnd['end']) => void) {
    this.#write = write
    this.#stored = stored
  }

  /** Keep the end of a run, and try to store it until it can be. */
  keep(id: string, unsaved: UnsavedEnd): void {
    this.#kept.set(id, unsaved)
    this.#try(id)
  }

  /** Store what is kept of a run, if anything is. @throws StudioError why it still cannot be */
  save(id: string): void {
    const unsaved = this.#kept.get(id)
    if (!unsaved) return
    const { end, trials } = unsaved
    const { elapsedMs = 0, backend = '' } = end
    if (trials.length) this.#write.addTrials(id, trials, elapsedMs, backend)
    this.#write.changeRun(id, end)
    this.#kept.delete(id)
    this.#stored(id, end)
  }

  /** A stored run as it stands: one whose end could not be stored has ended all the same. */
  shown<R extends RunRow & { error?: ErrorData | null }>(run: R): R {
    const unsaved = this.#kept.get(run.id)
    if (!unsaved) return run
    const { end, trials } = unsaved
    return {
      ...run,
      ...{ status: 'interrupted', ended: end.ended },
      ...('error' in run && { error: end.error }),
      ...(trials.length && { unsaved: trials.length })
    }
  }

  /** Runs with trials that are kept here alone. */
  get runs(): (UnsavedEnd & Required<Pick<UnsavedEnd, 'run' | 'cells'>>)[] {
    return [...this.#kept.values()].flatMap((unsaved) => {
      const { run, cells, trials } = unsaved
      return run && cells && trials.length ? [{ ...unsaved, run, cells }] : []
    })
  }

  /** One last try; nothing is tried any more. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#tryAll()
  }

  #try(id: string): void {
    try {
      this.save(id)
    } catch {
      // A later try may succeed; meanwhile the run is shown as it ended.
      if (!this.#closed) this.#retry ??= setTimeout(() => this.#tryAll(), retryMs).unref()
    }
  }

  #tryAll(): void {
    this.#retry = undefined
    for (const id of [...this.#kept.keys()]) this.#try(id)
  }
}
