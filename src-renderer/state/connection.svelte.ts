import type { ConnectionState } from './clients.ts'
import { bridge } from './bridge.ts'

/** Whether the studio can be heard. A lost connection heals by itself; what was shown may be old then. */
class Connection {
  state = $state<ConnectionState>('connecting')
  lost = $derived(this.state === 'lost' || this.state === 'refused')
  #wasLost = false
  #listeners = new Set<() => void>()

  constructor() {
    bridge.connection.subscribe((state) => {
      this.state = state
      if (state === 'connected' && this.#wasLost) for (const listener of this.#listeners) listener()
      this.#wasLost = state !== 'connected' && (this.#wasLost || state === 'lost' || state === 'refused')
    })
  }

  /** Called whenever the connection is back: what was missed must be asked for again. */
  onFound(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

export const connection = new Connection()
