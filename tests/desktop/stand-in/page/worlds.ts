/**
 * Two JavaScript worlds of one page, that of its preload script and its own, joined as Electron's contextBridge joins
 * them (https://www.electronjs.org/docs/latest/api/context-bridge#parameter--error--return-type-support): functions and
 * promises are proxied, everything else is copied, prototypes are lost, and what cannot be cloned is refused. The worlds
 * share the document: events on it arrive in the same turn, what they carry is cloned on the way.
 */

/** A value as it crosses. */
type Crossing =
  { value: unknown } | { call: number } | { promise: number } | { list: Crossing[] } | { entries: [string, Crossing][] }

type Callable = (...args: unknown[]) => unknown
type Settled = { ok: true; value: Crossing } | { ok: false; message: string }

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)

export class World {
  readonly #functions: Callable[] = []
  readonly #waiting = new Map<number, (settled: Settled) => void>()
  #promises = 0
  #answer: Settled | undefined
  readonly #name: string
  readonly #there: string

  constructor(channel: string, here: 'main' | 'isolated') {
    this.#name = `${channel}:${here}`
    this.#there = `${channel}:${here === 'main' ? 'isolated' : 'main'}`
    this.#hear('call', ({ call, args }: { call: number; args: Crossing[] }) => {
      try {
        const value = this.#functions[call](...args.map((arg) => this.#enter(arg)))
        this.#tell('answer', { ok: true, value: this.#leave(value) })
      } catch (error) {
        this.#tell('answer', { ok: false, message: messageOf(error) })
      }
    })
    this.#hear('answer', (answer: Settled) => (this.#answer = answer))
    this.#hear('settled', ({ promise, settled }: { promise: number; settled: Settled }) => {
      this.#waiting.get(promise)?.(settled)
      this.#waiting.delete(promise)
    })
  }

  /** Where the main world takes what is exposed to it. */
  take(): void {
    this.#hear('expose', ({ key, api }: { key: string; api: Crossing }) => {
      if (key in globalThis) throw new Error(`Cannot bind an API on top of an existing property: ${key}`)
      Object.defineProperty(globalThis, key, { value: Object.freeze(this.#enter(api)), enumerable: true })
    })
  }

  expose(key: string, api: unknown): void {
    this.#tell('expose', { key, api: this.#leave(api) })
  }

  #hear<T>(what: string, listener: (detail: T) => void): void {
    document.addEventListener(`${this.#name}:${what}`, (event) => listener((event as CustomEvent<T>).detail))
  }

  #tell(what: string, detail: unknown): void {
    document.dispatchEvent(new CustomEvent(`${this.#there}:${what}`, { detail }))
  }

  #leave(value: unknown): Crossing {
    if (typeof value === 'function') return { call: this.#functions.push(value as Callable) - 1 }
    if (value instanceof Promise) return { promise: this.#follow(value) }
    if (Array.isArray(value)) return { list: value.map((inner) => this.#leave(inner)) }
    if (isPlain(value)) return { entries: Object.entries(value).map(([key, inner]) => [key, this.#leave(inner)]) }
    return { value: structuredClone(value) }
  }

  #follow(promise: Promise<unknown>): number {
    const id = ++this.#promises
    promise.then(
      (value) => this.#tell('settled', { promise: id, settled: { ok: true, value: this.#leave(value) } }),
      (error: unknown) => this.#tell('settled', { promise: id, settled: { ok: false, message: messageOf(error) } })
    )
    return id
  }

  #enter(crossing: Crossing): unknown {
    if ('value' in crossing) return crossing.value
    if ('list' in crossing) return crossing.list.map((inner) => this.#enter(inner))
    if ('entries' in crossing)
      return Object.fromEntries(crossing.entries.map(([key, inner]) => [key, this.#enter(inner)]))
    if ('promise' in crossing)
      return new Promise((resolve, reject) =>
        this.#waiting.set(crossing.promise, (settled) =>
          settled.ok ? resolve(this.#enter(settled.value)) : reject(new Error(settled.message))
        )
      )
    return (...args: unknown[]): unknown => {
      this.#answer = undefined
      this.#tell('call', { call: crossing.call, args: args.map((arg) => this.#leave(arg)) })
      const answer = this.#answer as Settled | undefined
      if (!answer) throw new Error('The other world did not answer.')
      if (!answer.ok) throw new Error(answer.message)
      return this.#enter(answer.value)
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
