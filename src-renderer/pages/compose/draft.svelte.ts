import { getContext, setContext } from 'svelte'
import type { VectorSet } from '../../../src-shared/contract/files.ts'
import type { CallOutput } from '../../../src-shared/contract/index.ts'
import { toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { checkExperiment, parseExperiment, type Experiment } from '../../../src-shared/shapes/experiment.ts'
import { fillParams, type Dims } from '../../../src-shared/shapes/params.ts'
import { canonical } from '../../../src-shared/grid/identity.ts'
import { taskDims } from '../../../src-shared/grid/cell.ts'
import { ask } from '../../state/ask.ts'
import { catalog } from '../../state/catalog.svelte.ts'
import { query } from '../../state/query.svelte.ts'
import { runs } from '../../state/runs.svelte.ts'
import { settings } from '../../state/settings.svelte.ts'
import { blank, setAt, type Path } from './edit.ts'
import { UndoHistory } from '../../state/undo-history.ts'
import { isMissing, validate, type Checked } from './validate.ts'

type Plan = CallOutput<'experiment.plan'>
type Estimate = CallOutput<'experiment.estimate'>

/** The experiment that is being written, with undo, its check, its plan, and the memory of it across a reload. */
export class Draft {
  #history: UndoHistory<Experiment>
  experiment = $state.raw<Experiment>(blank)
  canUndo = $state(false)
  canRedo = $state(false)
  /** False until the user has chosen how to begin. */
  begun = $state(false)
  /** Start was asked for: what is still missing is an error from then on. */
  #tried = $state(false)

  checked = $state.raw<Checked>({ errors: [] })
  plan = $state.raw<Plan>()
  estimate = $state.raw<Estimate | { error: ErrorData } | 'measuring'>()
  /** The imported vectors of this data folder. */
  readonly vectors = query(() => ask('vectors.list', {}))
  /** The weights files that were brought to it. */
  readonly weights = query(() => ask('weights.list', {}))
  #timers: ReturnType<typeof setTimeout>[] = []
  #asked = ''

  constructor() {
    const kept = settings.layout('compose')
    const experiment = readKept(kept)
    this.begun = experiment !== undefined
    this.#history = new UndoHistory(experiment ?? blank)
    this.#show()
  }

  /** Nothing is wrong; the task or the models have only not been chosen yet. */
  beginning = $derived(!this.#tried && this.checked.errors.length > 0 && this.checked.errors.every(isMissing))

  task = $derived(catalog.task(this.experiment.task.kind))

  /** Size names the task fixes, for parameters that come from it. */
  dims = $derived.by((): Dims | undefined => {
    if (!this.task) return undefined
    return taskDims(
      fillParams(this.task.params, this.experiment.task.params, 'task.params', undefined, () => undefined).values
    )
  })

  /** The first error of a field, or of something inside it. */
  errorAt(field: string): string | undefined {
    return this.checked.errors.find((error) => error.field === field || error.field?.startsWith(`${field}.`))?.message
  }

  /** Nothing was changed since it was opened from one of these. */
  isCopyOf(originals: readonly Experiment[]): boolean {
    const own = canonical(this.experiment)
    return originals.some((original) => canonical(original) === own)
  }

  edit(next: Experiment, key?: string): void {
    this.#history.commit(next, key, performance.now())
    this.begun = true
    this.#show()
  }

  set(path: Path, value: unknown): void {
    this.edit(setAt(this.experiment, path, value), path.join('.'))
  }

  undo(): void {
    this.#history.undo()
    this.#show()
  }
  redo(): void {
    this.#history.redo()
    this.#show()
  }

  /**
   * Replace the experiment by that of a file. What is there stays if the file is bad.
   * @throws StudioError bad-file or bad-input, naming file and field
   */
  open(text: string, file: string): void {
    this.edit(parseExperiment(text, file))
  }

  /** Vectors for a parameter of the task, which follows them: its source and its dimension. */
  takeVectors(name: string, set: VectorSet | undefined): void {
    const { task } = this.experiment
    const params = {
      ...task.params,
      [name]: set?.hash,
      ...(set && { source: 'embedding', ...(this.task?.params.dim && { dim: set.columns }) })
    }
    this.edit(setAt(this.experiment, ['task', 'params'], JSON.parse(JSON.stringify(params))))
  }

  /** Vectors that have just been imported, for a parameter of the task where one takes them. */
  addVectors(set: VectorSet, name: string | undefined): void {
    this.vectors.put([set, ...(this.vectors.value ?? []).filter(({ hash }) => hash !== set.hash)])
    if (name !== undefined) this.takeVectors(name, set)
  }

  /**
   * Check at once; what can be started, or undefined.
   * @param tried a start was asked for: what is missing is wrong from now on
   */
  check(tried = false): Experiment | undefined {
    this.#tried ||= tried
    this.checked = validate(this.experiment, catalog.current)
    return this.checked.experiment
  }

  measure(): void {
    const { experiment } = this.checked
    if (!experiment) return
    const text = JSON.stringify(experiment)
    this.#asked = text
    this.estimate = 'measuring'
    void ask('experiment.estimate', { experiment }).then(
      (estimate) => this.#asked === text && (this.estimate = estimate),
      (error: unknown) => this.#asked === text && (this.estimate = { error: toErrorData(error) })
    )
  }

  dispose(): void {
    this.#timers.forEach(clearTimeout)
  }

  #show(): void {
    this.experiment = this.#history.present
    this.canUndo = this.#history.canUndo
    this.canRedo = this.#history.canRedo
    if (this.begun) settings.remember('compose', this.experiment as never)
    this.#asked = ''
    this.estimate = undefined
    this.#timers.forEach(clearTimeout)
    this.#timers = [
      // Typing is not held up by the check of a large grid, nor the studio by every keystroke.
      setTimeout(() => this.check(), 60),
      setTimeout(() => void this.#price(), 350),
      setTimeout(() => {
        if (runs.active.length === 0) this.measure()
      }, 1500)
    ]
  }

  async #price(): Promise<void> {
    const { experiment } = this.checked
    if (!experiment) {
      this.plan = undefined
      return
    }
    const plan = await ask('experiment.plan', { experiment }).catch(() => undefined)
    if (this.checked.experiment === experiment) this.plan = plan
  }
}

/** A remembered draft may come from an older version; what cannot be read is not brought back. */
function readKept(kept: unknown): Experiment | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined
  const shell = { ...blank, ...kept }
  try {
    return checkExperiment(shell)
  } catch {
    // A draft with open fields does not pass the schema but has its shape.
    const whole = Array.isArray(shell.models) && Array.isArray(shell.sweep) && typeof shell.task?.kind === 'string'
    return whole ? shell : undefined
  }
}

const key = Symbol('draft')
export const provideDraft = (draft: Draft): Draft => setContext(key, draft)
export const useDraft = (): Draft => getContext(key)
