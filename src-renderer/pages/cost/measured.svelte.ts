/** The measurements there are, and the one that is looked at. */
import { onMount } from 'svelte'
import type { Measurement, MeasureRequest } from '../../../src-shared/cost/measurement.ts'
import { bridge } from '../../state/bridge.ts'
import { ask } from '../../state/ask.ts'
import { query } from '../../state/query.svelte.ts'
import { notify } from '../../state/notify.svelte.ts'

/** Made while a component is: it reads and listens for as long as that is there. */
export class Measured {
  readonly read = query(() => ask('measurements.list', {}))
  get all(): readonly Measurement[] {
    return this.read.value ?? []
  }
  #chosen = $state<string>()
  current = $derived.by(() => this.all.find(({ id }) => id === this.#chosen) ?? this.all[0])
  running = $derived.by(() => this.all.find(({ status }) => status === 'running'))

  constructor() {
    onMount(() =>
      bridge.on('measurement.changed', (changed) => {
        const others = this.all.filter(({ id }) => id !== changed.id)
        this.read.put([changed, ...others].sort((a, b) => (a.id < b.id ? 1 : -1)))
      })
    )
  }

  choose(id: string): void {
    this.#chosen = id
  }

  /** @throws StudioError what the studio refuses */
  async start(request: MeasureRequest): Promise<void> {
    const { id } = await ask('measurements.start', request)
    this.choose(id)
  }

  async cancel(id: string): Promise<void> {
    await notify.attempt(() => ask('measurements.cancel', { id }))
  }

  async trash(id: string, trashed = true): Promise<void> {
    await notify.attempt(async () => {
      await ask('measurements.trash', { id, trashed })
      await this.read.reload()
      if (trashed) notify.undoable('The measurement was moved to the trash.', () => void this.trash(id, false))
    })
  }
}
