/** A report that is being composed: its blocks, the runs they show, and the way back. */
import { untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { toErrorData } from '../../../src-shared/shapes/errors.ts'
import type { ShownData } from '../../../src-shared/documents/report-data.ts'
import { moved, runsOf, withRuns, type Block, type Report } from '../../../src-shared/shapes/report.ts'
import { styleOf } from '../../charts/colours.ts'
import { ask } from '../../state/ask.ts'
import { catalog } from '../../state/catalog.svelte.ts'
import { notify } from '../../state/notify.svelte.ts'
import { query, type Query } from '../../state/query.svelte.ts'
import { readRuns, readSeries } from '../../runs/read-runs.ts'
import { setOf } from '../../state/sets.ts'
import { UndoHistory } from '../../state/undo-history.ts'
import { now } from '../../state/reports.ts'

/** Typing is saved after a pause of this long. */
const saveAfterMs = 400

type Loaded = ShownData['runs'][number] & { cells: readonly CellResult[] }

export class ReportState {
  readonly id: string
  report = $state.raw<Report>()
  readonly #read: Query<void>
  saved = $state(true)
  /** Runs by id; null for one that is no longer there. */
  #loaded = new SvelteMap<string, Loaded | null>()
  #history: UndoHistory<Report> | undefined
  canUndo = $state(false)
  canRedo = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(id: string) {
    this.id = id
    this.#read = query(() => untrack(() => this.#load()))
  }

  data = $derived.by((): ShownData => {
    const there = [...this.#loaded.values()].filter((run) => run !== null)
    return { runs: there, cells: there.flatMap(({ cells }) => cells), catalog: catalog.current, styleOf }
  })

  /** Whether everything that a block shows has been read. */
  ready(block: Block): boolean {
    return !('runs' in block) || block.runs.every((id) => this.#loaded.has(id))
  }

  /** Read the report; once it is here its edits are newer than what is stored. */
  async #load(): Promise<void> {
    if (!this.report) {
      this.report = await ask('reports.get', { id: this.id })
      this.#history = new UndoHistory(this.report)
      this.#noteHistory()
    }
    await this.#loadRuns()
  }
  get error(): unknown {
    return this.#read.error
  }
  reload(): Promise<void> {
    return this.#read.reload()
  }

  rename(title: string): void {
    if (title.trim()) this.#change({ title: title.trim() })
  }
  add(block: Block, at = this.report?.blocks.length ?? 0): void {
    if (!this.report) return
    this.#change({ blocks: this.report.blocks.toSpliced(at, 0, block) })
    void this.#read.reload()
  }
  put(block: Block): void {
    if (!this.report) return
    // What is typed into a block is one step, until there is a pause.
    this.#change({ blocks: this.report.blocks.map((b) => (b.id === block.id ? block : b)) }, block.id)
  }
  move(id: string, to: number): void {
    if (!this.report) return
    const from = this.report.blocks.findIndex((block) => block.id === id)
    const end = Math.max(0, Math.min(to, this.report.blocks.length - 1))
    if (from >= 0 && from !== end) this.#change({ blocks: moved(this.report.blocks, from, end) })
  }
  remove(id: string): void {
    if (!this.report) return
    this.#change({ blocks: this.report.blocks.filter((block) => block.id !== id) })
    notify.undoable('Block removed', () => this.undo())
  }
  /** Show other runs in every block that showed runs of their tasks. */
  async refresh(runs: readonly string[]): Promise<void> {
    if (!this.report) return
    const { blocks } = this.report
    await notify.attempt(async () => {
      const all = [...setOf([...runsOf(blocks), ...runs])]
      const known = await Promise.all(all.map((id) => ask('runs.get', { id }).catch(() => undefined)))
      const taskOf = (id: string): string | undefined => known.find((run) => run?.id === id)?.task
      this.#change({ blocks: withRuns(blocks, taskOf, runs) })
      await this.#read.reload()
      notify.undoable('The report shows the chosen runs.', () => this.undo())
    })
  }
  undo(): void {
    this.#history?.undo()
    this.#show()
  }
  redo(): void {
    this.#history?.redo()
    this.#show()
  }

  /** Save what is not saved yet, now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { report } = this
    if (this.saved || !report) return
    await notify.attempt(async () => {
      await ask('reports.save', { report })
      if (this.report === report) this.saved = true
    })
  }

  #change(change: Partial<Report>, key?: string): void {
    if (!this.report || !this.#history) return
    this.#history.commit({ ...this.report, ...change }, key, performance.now())
    this.#show()
  }
  #show(): void {
    if (!this.#history) return
    this.report = { ...this.#history.present, changed: now() }
    this.#noteHistory()
    this.#saveSoon()
  }
  #noteHistory(): void {
    this.canUndo = this.#history?.canUndo ?? false
    this.canRedo = this.#history?.canRedo ?? false
  }
  #saveSoon(): void {
    this.saved = false
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.flush(), saveAfterMs)
  }

  async #loadRuns(): Promise<void> {
    const missing = runsOf(this.report?.blocks ?? []).filter((id) => !this.#loaded.has(id))
    await Promise.all(
      missing.map(async (id) => {
        try {
          this.#loaded.set(id, await loadRun(id))
        } catch (error) {
          if (toErrorData(error).code !== 'not-found') throw error
          this.#loaded.set(id, null)
        }
      })
    )
  }
}

async function loadRun(id: string): Promise<Loaded> {
  const {
    runs: [run],
    cells,
    predictions: [{ registered }]
  } = await readRuns([id])
  const names = seriesNames(run.experiment.task.params.series) ?? catalog.task(run.task)?.series.map(({ name }) => name)
  const tuning = run.experiment.tuning ? await ask('runs.tuning', { id }) : null
  return { run, series: await readSeries([run], names ?? []), cells, predictions: registered, tuning }
}

/** A reference run names its own series. */
const seriesNames = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.filter((name) => typeof name === 'string') : undefined
