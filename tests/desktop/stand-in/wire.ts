/** What the process of the app and the one that shows its windows tell each other. Node clones every value on the way. */

/** Asked of the screen; each has an answer. */
export type ToScreen =
  | { kind: 'create'; window: number; preload: string; width: number; height: number }
  | { kind: 'load'; window: number; url: string }
  | { kind: 'reload'; window: number }
  | { kind: 'crash'; window: number }
  | { kind: 'destroy'; window: number }
  | { kind: 'run'; window: number; code: string }

/** Told to the screen; without an answer. */
export type Told =
  | { kind: 'settled'; window: number; id: number; ok: boolean; value: unknown }
  | { kind: 'message'; window: number; channel: string; args: unknown[] }
  | { kind: 'save'; download: number; path: string }

/** Asked of the app; each has an answer. */
export type ToApp =
  | { kind: 'evaluate'; source: string; argument: unknown }
  | { kind: 'fetch'; url: string; method: string }
  | { kind: 'navigate'; window: number; url: string; main: boolean }
  | { kind: 'open'; window: number; url: string }

/** Told to the app. */
export type Happened =
  | { kind: 'invoke'; window: number; id: number; channel: string; args: unknown[]; url: string; main: boolean }
  | { kind: 'send'; window: number; channel: string; args: unknown[]; url: string; main: boolean }
  | { kind: 'loaded'; window: number; url: string }
  | { kind: 'crashed'; window: number }
  | { kind: 'download'; window: number; download: number; name: string; url: string }
  | { kind: 'saved'; download: number; ok: boolean }

export interface Fetched {
  status: number
  headers: Record<string, string>
  body: Uint8Array
}

type Answer = { id: number; value?: unknown; error?: string }
type Letter = { id: number; ask: unknown } | { tell: unknown } | { answer: Answer }

/** Why an answer does not come any more. */
export const ended = 'The app has ended.'

/** One end of the wire. */
export class Wire<Ask, Tell, Asked, Heard> {
  readonly #post: (letter: Letter) => void
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  readonly #answerer: (asked: Asked) => unknown
  readonly #listener: (heard: Heard) => void
  #last = 0

  constructor(post: (letter: Letter) => void, answerer: (asked: Asked) => unknown, listener: (heard: Heard) => void) {
    this.#post = post
    this.#answerer = answerer
    this.#listener = listener
  }

  ask<T>(ask: Ask): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const id = ++this.#last
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.#post({ id, ask })
    })
  }

  tell(tell: Tell): void {
    this.#post({ tell })
  }

  /** The other end is gone. */
  cut(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(ended))
    this.#waiting.clear()
  }

  async hear(letter: Letter): Promise<void> {
    if ('tell' in letter) return this.#listener(letter.tell as Heard)
    if ('answer' in letter) {
      const { id, value, error } = letter.answer
      const asked = this.#waiting.get(id)
      this.#waiting.delete(id)
      return error === undefined ? asked?.resolve(value) : asked?.reject(new Error(error))
    }
    try {
      const value = await this.#answerer(letter.ask as Asked)
      this.#post({ answer: { id: letter.id, value } })
    } catch (error) {
      this.#post({ answer: { id: letter.id, error: error instanceof Error ? error.message : String(error) } })
    }
  }
}

/** Chromium knows no app://: such an address is written as a secure one of a host that nobody has. */
const disguise = 'app.invalid'
export const disguised = (url: string): string => url.replace(/^app:\/\/([^/]*)/, `https://$1.${disguise}`)
export const undisguised = (url: string): string =>
  url.replace(new RegExp(`^https://([^/]*)\\.${disguise.replace('.', '\\.')}(?=[/?#]|$)`), 'app://$1')
