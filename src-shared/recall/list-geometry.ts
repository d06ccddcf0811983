/**
 * A studied list by inner products alone. All that recall asks of a context c is how it cues each item, a_i = M^CF_i · c,
 * and how alike it is to what each item brings back, o_i = u_i · c with u_i = unit(M^FC_i). Both are linear in c, so that
 * the recall of j moves them without c itself:
 *
 *   a <- rho a + B_rec G_j,  G_ji = u_j · M^CF_i        o <- rho o + B_rec H_j,  H_ji = u_j · u_i
 *   rho = sqrt(1 + B_rec² (o_j² - 1)) - B_rec o_j
 *
 * Study gives them from the products of its contexts c_i and the pre-experimental weights pre_i = D I + A over the pool:
 *
 *   P_ij = pre_i · pre_j,   Q_ij = c_i · pre_j = rho_i Q_(i-1)j + b P_ij,   R_ij = c_i · c_j = rho_i R_(i-1)j + b Q_ji  (j < i)
 *   b = B_enc / |pre|,   S_i = c_i · start = S_(i-1) rho_i,   w_i = Lcf + P1 exp(-P2 i), i from 0
 *   |M^FC_j| G_ji = P_ij + w_i Q_ij + Lfc (Q_ji + w_i R_ij)
 *
 * which takes n² steps in place of n² times the units of the context.
 */

/** What study and the way back of a recalled item depend on; see `likelihood.ts`. */
export interface StudyParams {
  B_enc: number
  B_start: number
  B_rec: number
  Lfc: number
  Lcf: number
  P1: number
  P2: number
  D: number
  A: number
}

/** Buffers for lists of n items from one pool: `study` fills them for one set of parameters, without new memory. */
export class ListGeometry {
  readonly n: number
  readonly #pool: number
  /** [n]: a and o before the first recall, the start unit integrated. */
  readonly cue: Float64Array
  readonly overlap: Float64Array
  /** [n, n] */
  readonly cueOf: Float64Array
  readonly overlapOf: Float64Array
  /** [n]: B_rec, and 0 where an item brings nothing back. */
  readonly beta: Float64Array
  readonly #contextItem: Float64Array
  readonly #contexts: Float64Array
  readonly #start: Float64Array
  readonly #weight: Float64Array
  /** 1 / |M^FC_i|, and 0 where that is 0. */
  readonly #unit: Float64Array

  /** @param pool items of the whole pool from which the list's n come */
  constructor(n: number, pool: number) {
    this.n = n
    this.#pool = Math.max(pool, n)
    const [row, square] = [(): Float64Array => new Float64Array(n), (): Float64Array => new Float64Array(n * n)]
    ;[this.cue, this.overlap, this.beta] = [row(), row(), row()]
    ;[this.#start, this.#weight, this.#unit] = [row(), row(), row()]
    ;[this.cueOf, this.overlapOf, this.#contextItem, this.#contexts] = [square(), square(), square(), square()]
  }

  study({ B_enc, B_start, B_rec, Lfc, Lcf, P1, P2, D, A }: StudyParams): void {
    const { n, cue, overlap, cueOf, overlapOf, beta } = this
    const [Q, R, S, w, unit] = [this.#contextItem, this.#contexts, this.#start, this.#weight, this.#unit]
    // D I + A over the pool: the product of two different items' weights, and of one with itself.
    const apart = 2 * D * A + this.#pool * A * A
    const own = D * D + apart
    const length = Math.sqrt(own)
    const b = own > 0 ? B_enc / length : 0
    let s = 1
    for (let i = 0; i < n; i++) {
      const before = (i - 1) * n
      let rho = 1
      if (own > 0) {
        const along = i > 0 ? Q[before + i] / length : 0
        rho = Math.sqrt(1 + B_enc * B_enc * (along * along - 1)) - B_enc * along
      }
      s *= rho
      S[i] = s
      for (let j = 0; j < n; j++) {
        const p = i === j ? own : apart
        Q[i * n + j] = (i > 0 ? rho * Q[before + j] : 0) + b * p
      }
      for (let j = 0; j < i; j++) R[i * n + j] = R[j * n + i] = rho * R[before + j] + b * Q[j * n + i]
      R[i * n + i] = 1
      w[i] = Lcf + P1 * Math.exp(-P2 * i)
    }
    for (let j = 0; j < n; j++) {
      const square = own + 2 * Lfc * Q[j * n + j] + Lfc * Lfc
      unit[j] = square > 0 ? 1 / Math.sqrt(square) : 0
      beta[j] = square > 0 ? B_rec : 0
    }
    const end = (n - 1) * n
    const rho = Math.sqrt(1 + B_start * B_start * (s * s - 1)) - B_start * s
    for (let j = 0; j < n; j++) {
      const mine = j * n
      const [q, r] = [Q[end + j], R[end + j]]
      cue[j] = rho * (q + w[j] * r) + B_start * w[j] * S[j]
      overlap[j] = unit[j] * (rho * (q + Lfc * r) + B_start * Lfc * S[j])
      for (let i = 0; i < n; i++) {
        const p = i === j ? own : apart
        const [qi, qj, ri] = [Q[i * n + j], Q[mine + i], R[mine + i]]
        cueOf[mine + i] = unit[j] * (p + w[i] * qi + Lfc * (qj + w[i] * ri))
        overlapOf[mine + i] = unit[j] * unit[i] * (p + Lfc * (qi + qj + Lfc * ri))
      }
    }
  }
}
