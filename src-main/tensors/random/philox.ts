/**
 * Philox4x32-10, a counter-based generator: block(i) is a bijection of the counter i under a key, so a stream can be
 * entered anywhere and depends on nothing but its key.
 *
 * One round on the counter (c0, c1, c2, c3) with the key (k0, k1), all 32-bit words:
 *   (hi, lo) = M0 c0,  (hi', lo') = M1 c2,  c <- (hi' ^ c1 ^ k0, lo', hi ^ c3 ^ k1, lo),  k <- k + (W0, W1)
 *
 * Source: Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/** High 32 bits of a 32 x 32 bit product; each partial product stays below 2^53. */
function high(a: number, b: number): number {
  const low = a * (b & 0xffff)
  return Math.floor((a * (b >>> 16) + Math.floor(low / 65536)) / 65536) >>> 0
}

/** Four words from a counter and a key, written into `out`. */
export function philoxBlock(counter: Uint32Array, key: Uint32Array, out: Uint32Array): void {
  // Plain variables: destructuring typed arrays costs more than the rounds themselves.
  let c0 = counter[0]
  let c1 = counter[1]
  let c2 = counter[2]
  let c3 = counter[3]
  let k0 = key[0]
  let k1 = key[1]
  for (let round = 0; round < 10; round++) {
    const h0 = high(M0, c0)
    const l0 = Math.imul(M0, c0)
    const h1 = high(M1, c2)
    const l1 = Math.imul(M1, c2)
    c0 = (h1 ^ c1 ^ k0) >>> 0
    c1 = l1 >>> 0
    c2 = (h0 ^ c3 ^ k1) >>> 0
    c3 = l0 >>> 0
    k0 = (k0 + W0) >>> 0
    k1 = (k1 + W1) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/**
 * One named stream of a trial. SHA-256 of key and name gives 64 bits of Philox key and the upper 64 bits of the
 * counter; the lower 64 count blocks. Drawing again goes on where the last draw stopped.
 */
export class PhiloxStream {
  readonly #counter = new Uint32Array(4)
  readonly #key = new Uint32Array(2)
  readonly #block = new Uint32Array(4)
  #used = 4
  #spare: number | undefined

  constructor(key: string, name: string) {
    const digest = new DataView(sha256(utf8ToBytes(`${key}:${name}`)).buffer)
    this.#key[0] = digest.getUint32(0)
    this.#key[1] = digest.getUint32(4)
    this.#counter[2] = digest.getUint32(8)
    this.#counter[3] = digest.getUint32(12)
  }

  /** The next 32 bits. */
  word(): number {
    if (this.#used === 4) {
      philoxBlock(this.#counter, this.#key, this.#block)
      this.#counter[0]++
      if (this.#counter[0] === 0) this.#counter[1]++
      this.#used = 0
    }
    return this.#block[this.#used++]
  }

  /** Uniform in [0, 1) with 24 bits: exact in float32. */
  uniform(): number {
    return (this.word() >>> 8) * 2 ** -24
  }

  /** Standard normal by Box-Muller in double: r = sqrt(-2 ln u1), (r cos 2 pi u2, r sin 2 pi u2), u in (0, 1). */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare
      this.#spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log((this.word() + 0.5) * 2 ** -32))
    const angle = 2 * Math.PI * (this.word() + 0.5) * 2 ** -32
    this.#spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  /** A whole number in [0, n), n < 2^21: floor(n u / 2^32), biased by less than n / 2^32. */
  below(n: number): number {
    return Math.floor(this.word() * 2 ** -32 * n)
  }
}
