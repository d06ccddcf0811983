/**
 * What the blocks of one stack have in common: a stack makes a scope and gives it to its blocks, which hand it on to the
 * blocks inside them. Whoever asks for a thing first makes it; all others get the same.
 */
export class Scope {
  readonly #things = new Map<string, unknown>()

  /** @param make is called for the first who asks for this name; all who ask for it must agree on the type */
  shared<T>(name: string, make: () => T): T {
    if (!this.#things.has(name)) this.#things.set(name, make())
    return this.#things.get(name) as T
  }
}
