import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { ValuesOf } from '../../src-shared/shapes/params.ts'
import type { Scope } from '../../src-shared/shapes/scope.ts'
import { defineModel } from './model.ts'
import { AttentionMaps } from './parts/traces/attention-maps.ts'
import {
  applyBare,
  bare,
  hidden,
  joinHeads,
  readHeads,
  similarities,
  similarityFlops
} from './parts/blocks/block-heads.ts'
import { bankParams, bankReadParams, blockParams } from './parts/blocks/block-params.ts'
import { BankFrames } from './parts/traces/bank-frames.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { detached } from './parts/memory/detached.ts'
import { EpisodicBank, type BankRules, type Visible } from './parts/blocks/episodic-bank.ts'
import { EventBank } from './parts/blocks/event-bank.ts'
import { applyLinear, linear } from './parts/memory/linear.ts'
import { splitHeads } from './parts/memory/mha.ts'
import { eventSegments, fixedSegments, givenSegments } from './parts/blocks/segments.ts'
import { spread } from './parts/memory/shared-weights.ts'
import { Summary, summaryCost } from './parts/blocks/summary.ts'
import type { Trace } from './model.ts'

const params = {
  dim: dimension,
  heads: headCount(8),
  memorySlots: blockParams.memorySlots,
  similarity: blockParams.similarity,
  ...bankParams,
  bank: blockParams.bank,
  ...bankReadParams
}

/**
 * Episodic CMR: heads that read a ring buffer which the sequence itself writes, one entry per segment.
 *
 *   c = x W_q^T,   y_h = softmax(sim(c_h, K_h)) V_h over the entries written before the token's segment
 *   after a segment with summary s:  K <- [K; s W_q^T],  V <- [decay V; s W_v^T],  the oldest leaves beyond M entries
 *   y = [y_1 ... y_H] W_o^T + b_o
 *
 * x, y: [L, d]; K, V: [H, M, d_h] at most. Summary: the last token, the mean, or learned (parts/blocks/summary.ts).
 * Top-K: only the K best entries of each query and head. Segments: fixed, ended by a turn that the caller gives, or by an
 * event, a token with 1 - cos(x_t, x_(t-1)) over the threshold (its summary is never the last token). An empty buffer reads
 * as zero before the output layer; a shorter last segment is written too, and the next call starts a new one.
 *
 * Read by kNN: y_h is the plain mean of the values of the K entries nearest to c_h (of one if K is 0; entries as near as
 * the K-th count too), so that queries and keys get no gradient.
 * Reach: with a stack's blocks 1..b below and including this one, of which it sees its own (own), also that of block b-1
 * (local) or all (all):  y = sum_l w_l y^(l),  w = softmax(`bank_weights`) [number of banks, lowest first], zeros at the
 * start; c is asked in this block's space. The blocks must agree on d.
 *
 * Bank: one ring buffer per block, or one that all blocks of a stack with a shared bank write and read. Its entries are
 * ordered by segment, then layer; a token sees, of its call, what its own block and the blocks before it have written in
 * earlier segments, and all that is held from earlier calls; the newest M writes of all blocks survive. The blocks must
 * agree on d, M, decay and flush; their heads, segments and summaries are their own. Alone, shared is own.
 * Source: the studio's third source document; Polyn, Norman & Kahana (2009); Zacks et al. (2007) for events.
 */
export default defineModel({
  id: 'episodic-cmr',
  title: 'Episodic CMR',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'Heads that read what the sequence wrote: a ring buffer of segment summaries, kept between calls.',
  recall:
    'Recalls what the last M segments held, as far as their summaries keep it; older segments are gone, but each layer of a stack reaches M segments further back than the one before it. A token cannot see its own segment: what lies in one segment cannot recall itself, so written by turns that nobody names, a call recalls nothing of itself. With a bank shared by n layers the M entries hold the last M/n segments of each, and a layer also recalls what the layers before it wrote.',
  equations: [
    'c = x\\,W_q^\\top,\\qquad y_h = \\operatorname{softmax}(\\operatorname{sim}(c_h, K_h))\\,V_h',
    'K \\leftarrow [K;\\ s\\,W_q^\\top],\\qquad V \\leftarrow [\\gamma V;\\ s\\,W_v^\\top]\\quad\\text{after each segment}',
    'y = [y_1 \\dots y_H]\\,W_o^\\top + b_o',
    '\\text{reach: } y_h = \\sum_{l \\le b} w_l\\,y_h^{(l)},\\qquad w = \\operatorname{softmax}(a)'
  ],
  symbols: [
    { symbol: 'x, y', meaning: 'tokens in and out', shape: '[L, d]' },
    { symbol: 'K, V', meaning: 'the newest M entries', shape: '[H, M, d_h]' },
    { symbol: 's', meaning: 'summary of a segment', shape: '[d]' },
    { symbol: '\\gamma', meaning: 'decay of stored values at each write' },
    { symbol: 'y^{(l)}, w_l', meaning: 'what it reads in the bank of block l, and its learned share' }
  ],
  source: 'Unpublished design notes (2025), after S. Polyn, K. Norman & M. Kahana (2009)',
  notes: [
    'A turn or event that a call leaves open is written at the end of the call, like a shorter last segment.',
    'The whole call is computed at once: writes depend on the inputs alone, so what each token may see is a mask.',
    'A block that reads the banks of blocks below asks with its own query: training brings their spaces together.',
    'A bank shared by a stack: the entries of later layers are seen from the next call on, since within a call they follow from what the earlier layers answer. Events cannot write it.'
  ],
  params,
  revision: 1,
  create(p, { batch, weight, observed, scope }) {
    const { dim, heads, similarity } = p
    const segments = (length: number, turns: readonly number[]): number[] =>
      p.write === 'turn' ? givenSegments(length, turns) : fixedSegments(length, p.segment)
    const bank = bankFor(p, scope)
    const block = bank.join(rulesOf(p), segments)
    const query = bare(weight, 'W_q', dim, dim)
    const value = bare(weight, 'W_v', dim, dim)
    const out = linear(weight, 'out', dim, dim)
    const summary = new Summary(weight, dim, p.summary)
    const below = banksBelow(p, scope, bank)
    const shares = below.length ? weight('bank_weights', [below.length + 1], { kind: 'zeros' }) : undefined
    const events = new EventBank(p.memorySlots, p.decay)
    const frames = new BankFrames(p.decay, observed)
    const maps = new AttentionMaps(['Token', 'Entry, oldest first'], observed)
    const clear = (): void => {
      bank.clear()
      events.clear()
    }

    /** What the tokens see, and the buffer written for the next call. */
    const write = (x: Tensor, turns: readonly number[]): Visible => {
      if (p.write === 'event') {
        if (p.flush === 'call') events.clear()
        const given = eventSegments(x, p.threshold)
        const means = summary.ofEvents(x, given)
        const seen = events.visible(applyBare(query, means), applyBare(value, means), given)
        events.keep(seen, given)
        return seen
      }
      const length = x.shape[1]!
      const written = summary.of(x, segments(length, turns))
      return bank.read(block, { keys: applyBare(query, written), values: applyBare(value, written) }, length, turns)
    }
    /** What the queries c [B, L, d] find among entries, before the output layer. */
    const look = (c: Tensor, seen: Visible, shown = false): Tensor => {
      const { keys, values, mask, strength, any, from, ranges } = seen
      if (ranges && !strength && p.read === 'softmax' && p.topK === 0)
        return readHeads({
          ...{ q: c, k: keys, v: values, heads, similarity, seen: (t) => ranges[t] },
          ...(shown && { maps, places: from })
        })
      const scores = similarities(splitHeads(c, heads), splitHeads(keys, heads), similarity).add(mask.expandDims(1))
      const shares = p.read === 'knn' ? detached(scores, (s) => nearest(s, p.topK)) : softmaxOf(scores, p.topK)
      if (shown) maps.keep(shares, from)
      const weights = strength ? shares.mul(strength.expandDims(1)) : shares
      return joinHeads(tf.matMul(weights, splitHeads(values, heads))).mul(any)
    }
    return {
      forward: (x, { turns = [] } = {}) =>
        tf.tidy(() => {
          const seen = write(x, turns)
          frames.keep(seen, x.shape[1]!)
          const c = applyBare(query, x)
          if (!shares) return applyLinear(out, look(c, seen, true))
          const given = segments(x.shape[1]!, turns)
          const reads = [...below.map((other) => look(c, other.glance(given))), look(c, seen, true)]
          const w = tf.split(spread(tf.softmax(shares), x.shape[0]!), reads.length, 1)
          return applyLinear(out, tf.addN(reads.map((y, l) => y.mul(w[l].expandDims(2)))))
        }),
      reset() {
        clear()
        maps.clear()
        frames.clear()
      },
      traces: async () => [
        ...(await maps.read()),
        ...(await frames.read()),
        ...(shares ? [await bankShares(shares, batch, p.reach)] : [])
      ],
      dispose() {
        clear()
        maps.clear()
        frames.clear()
        summary.dispose()
        tf.dispose([query, value, out.weight, out.bias, ...(shares ? [shares] : [])])
      }
    }
  },
  cost(p, { tokens: L = 0, before, scope }) {
    const { dim: d, heads: H, memorySlots } = p
    const turns = p.write === 'turn'
    const writes = p.write === 'event' ? L : turns ? 1 : Math.ceil(L / p.segment)
    /** What the blocks before this one in the stack have written into the bank that they share. */
    const shared = p.bank === 'shared' ? scope?.shared('episodic-bank', () => ({ blocks: 0, writes: 0 })) : undefined
    const earlier = shared?.writes ?? 0
    const first = !shared || shared.blocks++ === 0
    if (shared) shared.writes += writes
    const n = Math.min(memorySlots, before) + earlier + writes
    // Plain ops score every entry of the call and hide what a token must not see; src-shared/cost counts what it needs.
    const pairs = L * n
    const summary = summaryCost(p.summary, {
      ...{ dim: d, tokens: L, writes, events: p.write === 'event' }
    })
    const surprises = p.write === 'event' ? L * (6 * d + 6) : 0
    const choosing = p.read === 'knn' ? 5 : p.topK > 0 && p.topK < n ? 4 : 0
    /** Reading n entries with all queries of the call. */
    const reading = (n: number, decay: number): number =>
      similarityFlops(L * n, L + n, d, H, p.similarity) +
      L * n * (2 * d + ((p.read === 'knn' ? 3 : 6) + choosing + (decay < 1 ? 1 : 0)) * H)
    const lower = banksRead(p, scope, { entries: n, decay: p.decay })
    const across = lower.reduce((sum, bank) => sum + reading(bank.entries, bank.decay) + L * d, 0)
    const masks = p.write === 'event' ? 8 * pairs + 8 * n + 4 * Math.min(memorySlots, n) * n * d : 0
    return {
      forwardFlops:
        4 * L * d * d +
        2 * L * d +
        4 * writes * d * d +
        reading(n, p.decay) +
        across +
        (lower.length ? (2 * lower.length + 1) * L * d + 5 * (lower.length + 1) : 0) +
        summary.flops +
        surprises +
        masks,
      parameters: 3 * d * d + d + summary.parameters + (lower.length ? lower.length + 1 : 0),
      // A shared bank is held once: the first of its blocks counts it.
      state: first ? 2 * memorySlots * d : 0
    }
  }
})

type Params = ValuesOf<typeof params>
const rulesOf = ({ dim, memorySlots, decay, flush }: Params): BankRules => ({ dim, memorySlots, decay, flush })

/**
 * The bank that a block uses: that of its stack, or one of its own.
 * @throws StudioError bad-input for a shared bank that events write
 */
function bankFor(p: Params, scope: Scope | undefined): EpisodicBank {
  const make = (): EpisodicBank => new EpisodicBank(rulesOf(p))
  if (p.bank === 'own') return make()
  if (p.write === 'event')
    throw new StudioError(
      'bad-input',
      'A shared bank cannot be written by events: where the events of later blocks fall is not known when an earlier one reads. Write by segments or turns, or give each block its own bank.',
      { field: 'write' }
    )
  return scope?.shared('episodic-bank', make) ?? make()
}

/**
 * The banks of blocks below that a block reads, lowest first; its own is noted for the blocks above.
 * @throws StudioError bad-input for banks that cannot be read from above
 */
function banksBelow(p: Params, scope: Scope | undefined, own: EpisodicBank): EpisodicBank[] {
  const all = scope?.shared<StackBank[]>('episodic-banks', () => []) ?? []
  const below = reached(p.reach, all)
  if (p.reach !== 'own') {
    const refuse = (field: string, message: string): never => {
      throw new StudioError('bad-input', message, { field })
    }
    if (p.bank === 'shared')
      refuse(
        'reach',
        'A shared bank holds what the blocks below wrote; only blocks with banks of their own reach others.'
      )
    if (p.write === 'event' || below.some(({ bank }) => !bank))
      refuse(
        'reach',
        'Banks that are shared, or written by events, cannot be read across blocks: write by segments or turns.'
      )
    for (const { dim } of below)
      if (dim !== p.dim)
        refuse('dim', `A block reads only banks of its own dimension: one has ${dim}, another ${p.dim}.`)
  }
  all.push({ dim: p.dim, ...(p.bank === 'own' && p.write !== 'event' && { bank: own }) })
  return below.flatMap(({ bank }) => {
    bank?.watch()
    return bank ? [bank] : []
  })
}

interface StackBank {
  dim: number
  /** None where the blocks above cannot read it. */
  bank?: EpisodicBank
}

/** Of what the blocks below have, lowest first, that which a block reaches. */
const reached = <T>(reach: Params['reach'], below: readonly T[]): T[] =>
  reach === 'own' ? [] : reach === 'local' ? below.slice(-1) : [...below]

/** The same for the cost: what each bank shows of a call; this block's own is noted. */
function banksRead(p: Params, scope: Scope | undefined, own: ReadBank): ReadBank[] {
  const all = scope?.shared<ReadBank[]>('episodic-banks', () => []) ?? []
  const below = reached(p.reach, all)
  all.push(own)
  return below
}

interface ReadBank {
  entries: number
  decay: number
}

/** The learned share of each bank that a block reads. */
async function bankShares(weights: Tensor, batch: number, reach: Params['reach']): Promise<Trace> {
  const shares = tf.tidy(() => tf.softmax(weights))
  const [trials, count] = shares.shape as [number, number]
  const data = await shares.data()
  shares.dispose()
  const labels = Array.from({ length: count }, (_, l) =>
    l === count - 1 ? 'own' : reach === 'local' ? 'block below' : `${count - 1 - l} below`
  )
  return {
    name: 'banks',
    title: 'Share of each bank that is read',
    kind: 'bars',
    perTrial: Array.from({ length: batch }, (_, b) => {
      const start = Math.floor((b * trials) / batch) * count
      return { shape: [count], data: Array.from(data.subarray(start, start + count)), labels }
    })
  }
}

/** Shares by similarity, of all entries or of the K best. */
function softmaxOf(scores: Tensor, k: number): Tensor {
  const few = k > 0 && k < scores.shape[3]!
  return tf.softmax(few ? scores.add(detached(scores, (s) => beyondTopK(s, k))) : scores, -1)
}

/** Equal shares of the K entries with the largest scores among those that are seen. */
function nearest(scores: Tensor, k: number): Tensor {
  const smallest = tf.min(tf.topk(scores, Math.min(Math.max(1, k), scores.shape[3]!)).values, -1, true)
  // Entries of one key are as near to one another, whatever the order in which a backend adds.
  const least = smallest.sub(tf.maximum(smallest.abs(), 1).mul(1e-5))
  const chosen = tf.logicalAnd(scores.greaterEqual(least), scores.greater(hidden / 2)).toFloat()
  return chosen.div(tf.maximum(tf.sum(chosen, -1, true), 1))
}

/** `hidden` where a score is not among the K largest of its row, else 0. */
function beyondTopK(scores: Tensor, k: number): Tensor {
  const smallest = tf.min(tf.topk(scores, k).values, -1, true)
  return scores.less(smallest).toFloat().mul(hidden)
}
