import type { CallInput } from '../../src-shared/contract/index.ts'
import { settingsSchema, type Settings } from '../../src-shared/shapes/settings.ts'
import { bridge } from './bridge.ts'
import { ask } from './ask.ts'
import { notify } from './notify.svelte.ts'

type Json = Settings['layout'][string]

/** The user's settings, kept by the studio; pages remember their own layout under their id. */
class SettingsState {
  current = $state.raw<Settings>(settingsSchema.parse({}))
  #pending: Record<string, Json> = {}
  /** Written and not answered yet: what the studio tells meanwhile is older. */
  #written: Record<string, Json> = {}
  #writes = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  async load(): Promise<void> {
    this.current = await ask('settings.get', {})
  }

  listen(): () => void {
    const stop = bridge.on('settings.changed', (settings) => {
      this.current = { ...settings, layout: { ...settings.layout, ...this.#written, ...this.#pending } }
    })
    const flush = (): void => void this.flush()
    window.addEventListener('pagehide', flush)
    return () => {
      stop()
      window.removeEventListener('pagehide', flush)
    }
  }

  /** Change settings; says so and returns false when the studio refuses. */
  set(change: CallInput<'settings.set'>): Promise<boolean> {
    return notify.attempt(async () => (this.current = await ask('settings.set', change)))
  }

  /** What a page remembered, or undefined. */
  layout(page: string): Json | undefined {
    return this.current.layout[page]
  }

  /** Remember a page's layout; written half a second after the last change. */
  remember(page: string, layout: Json): void {
    this.#pending[page] = layout
    this.current = { ...this.current, layout: { ...this.current.layout, [page]: layout } }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.flush(), 500)
  }

  /** Write what is still waiting. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    if (Object.keys(this.#pending).length === 0) return
    this.#written = { ...this.#written, ...this.#pending }
    this.#pending = {}
    this.#writes++
    // A layout that cannot be written now is written with the next change; it is not worth a message.
    await ask('settings.set', { layout: this.current.layout }).catch(() => undefined)
    if (--this.#writes === 0) this.#written = {}
  }
}

export const settings = new SettingsState()
