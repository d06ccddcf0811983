/** Room in a kernel's linear memory, handed out from the heap's base for the length of one call. */
import type { SlotExports } from './load.ts'

const pageBytes = 65_536
/** Lengths walked by vectors are padded with zeros to a multiple of this. */
export const lane = 8

export const padded = (n: number): number => Math.ceil(n / lane) * lane

/** A matrix in linear memory, rows and columns padded. */
export interface Block {
  at: number
  rows: number
  columns: number
}

export class Arena {
  readonly #memory: WebAssembly.Memory
  readonly #base: number
  #top: number

  constructor(memory: WebAssembly.Memory, { heapBase }: SlotExports) {
    this.#memory = memory
    this.#base = Math.ceil(heapBase() / 16) * 16
    this.#top = this.#base
  }

  /** Gives everything back. */
  clear(): void {
    this.#top = this.#base
  }

  /** Address of `bytes` zeros. */
  take(bytes: number): number {
    const at = this.#top
    this.#top += Math.ceil(bytes / 16) * 16
    const missing = this.#top - this.#memory.buffer.byteLength
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes))
    new Uint8Array(this.#memory.buffer, at, this.#top - at).fill(0)
    return at
  }

  matrix(rows: number, columns: number): Block {
    return { at: this.take(4 * padded(rows) * padded(columns)), rows, columns }
  }

  zero(block: Block): void {
    this.#floats(block).fill(0)
  }

  /** Copies [rows, columns] that begin at `offset` of an array into a block. */
  write(block: Block, from: Float32Array, offset: number): void {
    const { rows, columns } = block
    const to = this.#floats(block)
    if (columns % lane === 0) to.set(from.subarray(offset, offset + rows * columns))
    else
      for (let r = 0; r < rows; r++)
        to.set(from.subarray(offset + r * columns, offset + (r + 1) * columns), r * padded(columns))
  }

  /** Copies a block's entries into an array. */
  read(block: Block, to: Float32Array, offset: number): void {
    const { rows, columns } = block
    const from = this.#floats(block)
    if (columns % lane === 0) to.set(from.subarray(0, rows * columns), offset)
    else
      for (let r = 0; r < rows; r++)
        to.set(from.subarray(r * padded(columns), r * padded(columns) + columns), offset + r * columns)
  }

  doubles(at: number, count: number): Float64Array {
    return new Float64Array(this.#memory.buffer, at, count)
  }

  integers(at: number, count: number): Int32Array {
    return new Int32Array(this.#memory.buffer, at, count)
  }

  singles(at: number, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, count)
  }

  #floats({ at, rows, columns }: Block): Float32Array {
    return this.singles(at, padded(rows) * padded(columns))
  }
}
