/** The measurements there are, and the one that is looked at. */
import type { Measurement, MeasureRequest } from '../../../src-shared/cost/measurement.ts'
import { bridge } from '../../state/bridge.ts'
import { ask } from '../../state/ask.ts'
import { notify } from '../../state/notify.svelte.ts'

export class Measured {
  all = $state.raw<readonly Measurement[]>([])
  loaded = $state(false)
  #chosen = $state<string>()
  current = $derived.by(() => this.all.find(({ id }) => id === this.#chosen) ?? this.all[0])
  running = $derived.by(() => this.all.find(({ status }) => status === 'running'))

  choose(id: string): void {
    this.#chosen = id
  }

  async load(): Promise<void> {
    try {
      this.all = await ask('measurements.list', {})
    } catch (error) {
      notify.failure(error)
    }
    this.loaded = true
  }

  listen(): () => void {
    return bridge.on('measurement.changed', (changed) => {
      const others = this.all.filter(({ id }) => id !== changed.id)
      this.all = [changed, ...others].sort((a, b) => (a.id < b.id ? 1 : -1))
    })
  }

  /** @throws StudioError what the studio refuses */
  async start(request: MeasureRequest): Promise<void> {
    const { id } = await ask('measurements.start', request)
    this.choose(id)
  }

  async cancel(id: string): Promise<void> {
    try {
      await ask('measurements.cancel', { id })
    } catch (error) {
      notify.failure(error)
    }
  }

  async trash(id: string, trashed = true): Promise<void> {
    try {
      await ask('measurements.trash', { id, trashed })
      await this.load()
      if (trashed)
        notify.show('The measurement was moved to the trash.', 'plain', {
          label: 'Undo',
          run: () => void this.trash(id, false)
        })
    } catch (error) {
      notify.failure(error)
    }
  }
}
