/**
 * PyTorch's CPU generator: MT19937 (Matsumoto and Nishimura 1998) seeded with the low 32 bits of the seed, and the ways
 * in which PyTorch turns its words into float32 draws. The draws of one generator follow one another.
 */
const N = 624
const M = 397

export class TorchGenerator {
  readonly #state = new Uint32Array(N)
  #index = N
  #spare: number | undefined

  constructor(seed: number) {
    this.#state[0] = seed >>> 0
    for (let i = 1; i < N; i++) {
      const previous = this.#state[i - 1] ^ (this.#state[i - 1] >>> 30)
      this.#state[i] = Math.imul(1812433253, previous) + i
    }
  }

  /** The next 32 bits. */
  word(): number {
    if (this.#index === N) this.#twist()
    let y = this.#state[this.#index++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  #twist(): void {
    const state = this.#state
    for (let i = 0; i < N; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff)
      state[i] = state[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.#index = 0
  }

  /** `torch.rand(n)`: 24 bits of a word each. */
  rand(n: number): Float32Array {
    return Float32Array.from({ length: n }, () => this.#unit24())
  }

  /** `tensor.uniform_(low, high)` of n entries. */
  uniform(n: number, low: number, high: number): Float32Array {
    return Float32Array.from({ length: n }, () => this.#unit24() * (high - low) + low)
  }

  /** `torch.randn(n)`: fewer than 16 draws are made one by one, more in blocks of 16. */
  randn(n: number): Float32Array {
    if (n < 16) return Float32Array.from({ length: n }, () => this.#normal())
    const out = this.rand(n)
    for (let start = 0; start + 16 <= n; start += 16) boxMuller16(out.subarray(start, start + 16))
    if (n % 16 !== 0) {
      const last = out.subarray(n - 16)
      last.set(this.rand(16))
      boxMuller16(last)
    }
    return out
  }

  /** `torch.randperm(n)`. */
  randperm(n: number): Int32Array {
    const out = Int32Array.from({ length: n }, (_, i) => i)
    for (let i = 0; i < n - 1; i++) {
      const j = i + (this.word() % (n - i))
      const value = out[i]
      out[i] = out[j]
      out[j] = value
    }
    return out
  }

  /** `torch.randint(low, high, (n,))`. */
  randint(n: number, low: number, high: number): Int32Array {
    return Int32Array.from({ length: n }, () => low + (this.word() % (high - low)))
  }

  #unit24(): number {
    return (this.word() & 0xffffff) * 2 ** -24
  }

  /** The low 53 bits of (first word, second word). */
  #unit53(): number {
    const first = this.word() & 0x1fffff
    return (first * 2 ** 32 + this.word()) * 2 ** -53
  }

  #normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare
      this.#spare = undefined
      return value
    }
    const angle = 2 * Math.PI * this.#unit53()
    const radius = Math.sqrt(-2 * Math.log1p(-this.#unit53()))
    this.#spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}

/** Sixteen uniforms to sixteen normals in place: entry j gives the radius, entry j + 8 the angle. */
function boxMuller16(block: Float32Array): void {
  for (let j = 0; j < 8; j++) {
    const radius = Math.sqrt(-2 * Math.log(1 - block[j]))
    const angle = 2 * Math.PI * block[j + 8]
    block[j] = radius * Math.cos(angle)
    block[j + 8] = radius * Math.sin(angle)
  }
}
