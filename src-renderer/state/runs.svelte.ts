import { SvelteMap } from 'svelte/reactivity'
import { anyOf } from '../../src-shared/filter/edit.ts'
import { printFilter } from '../../src-shared/filter/print.ts'
import type { Progress, RunStatus } from '../../src-shared/shapes/run.ts'
import { bridge } from './bridge.ts'
import { ask } from './ask.ts'
import { whenStale } from './query.svelte.ts'

export const activeStatuses: readonly RunStatus[] = ['queued', 'running', 'paused']

/** Runs that are going on, from `run.progress`. A run that ended in this session stays with its last word. */
class Runs {
  progress = new SvelteMap<string, Progress>()
  names = new SvelteMap<string, string>()

  /** The runs that are not over, oldest first (ids are ULIDs). */
  active = $derived(
    [...this.progress.values()]
      .filter(({ status }) => activeStatuses.includes(status))
      .sort((a, b) => (a.runId < b.runId ? -1 : 1))
  )

  /** Ask which runs are going on, at the start and after a lost connection. */
  async load(): Promise<void> {
    const { rows } = await ask('runs.list', { filter: printFilter(anyOf('status', activeStatuses)), limit: 150 })
    for (const row of rows) {
      this.names.set(row.id, row.name)
      if (this.progress.has(row.id)) continue
      const { id: runId, status, trials, done, diverged, failed, elapsedMs, backend } = row
      this.progress.set(runId, {
        runId,
        status,
        trials,
        done,
        diverged,
        failed,
        elapsedMs,
        leftMs: null,
        backend,
        error: null
      })
    }
  }

  listen(): () => void {
    const stops = [
      bridge.on('run.progress', (progress) => {
        if (!this.names.has(progress.runId)) void this.#name(progress.runId)
        this.progress.set(progress.runId, progress)
      }),
      whenStale({}, () => {
        this.progress.clear()
        void this.load().catch(() => undefined)
      })
    ]
    return () => stops.forEach((stop) => stop())
  }

  async #name(id: string): Promise<void> {
    this.names.set(id, '')
    try {
      this.names.set(id, (await ask('runs.get', { id })).name)
    } catch {
      this.names.delete(id)
    }
  }
}

export const runs = new Runs()
