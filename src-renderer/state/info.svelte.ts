import type { StudioInfo } from '../../src-shared/shapes/machine.ts'
import { bridge } from './bridge.ts'
import { ask } from './ask.ts'
import { whenStale } from './query.svelte.ts'

/** What this studio is and runs on; the engine's state is live. */
class Info {
  current = $state.raw<StudioInfo>()

  async load(): Promise<void> {
    this.current = await ask('studio.info', {})
  }

  listen(): () => void {
    const stops = [
      bridge.on('engine.state', (engine) => {
        if (this.current) this.current = { ...this.current, engine }
      }),
      // Backends are known once the engine is ready.
      whenStale({ 'engine.state': ({ state }) => state === 'ready' }, () => void this.load().catch(() => undefined))
    ]
    return () => stops.forEach((stop) => stop())
  }
}

export const info = new Info()
