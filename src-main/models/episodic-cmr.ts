import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { choice, integer, number, type ValuesOf } from '../../src-shared/shapes/params.ts'
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
import { blockParams } from './parts/blocks/block-params.ts'
import { BankFrames } from './parts/traces/bank-frames.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { detached } from './parts/memory/detached.ts'
import { EpisodicBank, type BankRules, type Visible } from './parts/blocks/episodic-bank.ts'
import { EventBank } from './parts/blocks/event-bank.ts'
import { applyLinear, linear } from './parts/memory/linear.ts'
import { splitHeads } from './parts/memory/mha.ts'
import { eventMeans, eventSegments, fixedSegments, givenSegments, summaries } from './parts/blocks/segments.ts'

const params = {
  dim: dimension,
  heads: headCount(8),
  memorySlots: blockParams.memorySlots,
  segment: integer('Segment', 1, { help: 'Tokens per write', min: 1, max: 65_536, symbol: 's', unit: 'tokens' }),
  summary: choice('Summary', 'last', ['last', 'mean'], { help: 'What is written of a segment' }),
  similarity: blockParams.similarity,
  topK: integer('Top-K', 0, {
    help: 'Entries read per query and head; 0 reads all',
    min: 0,
    max: 65_536,
    symbol: 'K'
  }),
  write: choice('Write', 'segment', ['segment', 'turn', 'event'], {
    help: 'When a segment ends: after a fixed number of tokens, where the caller ends a turn, or at a surprising token'
  }),
  threshold: number('Event threshold', 0.5, {
    help: 'A token with 1 - cos(x_t, x_(t-1)) over this ends an event',
    needs: { param: 'write', in: ['event'] },
    min: 0,
    max: 2
  }),
  decay: number('Decay', 1, { help: 'Factor on all stored values at each write', min: 0, max: 1, symbol: '\\gamma' }),
  flush: choice('Flush', 'never', ['never', 'call'], { help: 'Empty the buffer never, or before each call' }),
  bank: blockParams.bank
}

/**
 * Episodic CMR: heads that read a ring buffer which the sequence itself writes, one entry per segment.
 *
 *   c = x W_q^T,   y_h = softmax(sim(c_h, K_h)) V_h over the entries written before the token's segment
 *   after a segment with summary s:  K <- [K; s W_q^T],  V <- [decay V; s W_v^T],  the oldest leaves beyond M entries
 *   y = [y_1 ... y_H] W_o^T + b_o
 *
 * x, y: [L, d]; K, V: [H, M, d_h] at most. Summary: the last token, or the mean. Top-K: only the K best entries of each
 * query and head. Segments: fixed, ended by a turn that the caller gives, or by an event, a token with
 * 1 - cos(x_t, x_(t-1)) over the threshold (its summary is the mean). An empty buffer reads as zero before the output
 * layer; a shorter last segment is written too, and the next call starts a new one.
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
    'y = [y_1 \\dots y_H]\\,W_o^\\top + b_o'
  ],
  symbols: [
    { symbol: 'x, y', meaning: 'tokens in and out', shape: '[L, d]' },
    { symbol: 'K, V', meaning: 'the newest M entries', shape: '[H, M, d_h]' },
    { symbol: 's', meaning: 'summary of a segment', shape: '[d]' },
    { symbol: '\\gamma', meaning: 'decay of stored values at each write' }
  ],
  source: 'Unpublished design notes (2025), after S. Polyn, K. Norman & M. Kahana (2009)',
  notes: [
    'A turn or event that a call leaves open is written at the end of the call, like a shorter last segment.',
    'The whole call is computed at once: writes depend on the inputs alone, so what each token may see is a mask.',
    'A bank shared by a stack: the entries of later layers are seen from the next call on, since within a call they follow from what the earlier layers answer. Events cannot write it.'
  ],
  params,
  uses: { contexts: false, places: false },
  revision: 1,
  create(p, { weight, observed, scope }) {
    const { dim, heads, similarity } = p
    const segments = (length: number, turns: readonly number[]): number[] =>
      p.write === 'turn' ? givenSegments(length, turns) : fixedSegments(length, p.segment)
    const bank = bankFor(p, scope)
    const block = bank.join(rulesOf(p), segments)
    const query = bare(weight, 'W_q', dim, dim)
    const value = bare(weight, 'W_v', dim, dim)
    const out = linear(weight, 'out', dim, dim)
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
        const means = eventMeans(x, given)
        const seen = events.visible(applyBare(query, means), applyBare(value, means), given)
        events.keep(seen, given)
        return seen
      }
      const length = x.shape[1]!
      const whole = p.write === 'segment' && p.segment === 1
      const written = whole ? x : summaries(x, segments(length, turns), p.summary)
      return bank.read(block, { keys: applyBare(query, written), values: applyBare(value, written) }, length, turns)
    }
    return {
      forward: (x, { turns = [] } = {}) =>
        tf.tidy(() => {
          const seen = write(x, turns)
          const { keys, values, mask, strength, any, ranges } = seen
          frames.keep(seen, x.shape[1]!)
          if (ranges && !strength && p.topK === 0)
            return applyLinear(
              out,
              readHeads({ q: applyBare(query, x), k: keys, v: values, heads, similarity, seen: (t) => ranges[t], maps })
            )
          const c = splitHeads(applyBare(query, x), heads)
          let scores = similarities(c, splitHeads(keys, heads), similarity).add(mask.expandDims(1))
          if (p.topK > 0 && p.topK < scores.shape[3]!)
            scores = scores.add(detached(scores, (s) => beyondTopK(s, p.topK)))
          const shares = tf.softmax(scores, -1)
          maps.keep(shares)
          const weights = strength ? shares.mul(strength.expandDims(1)) : shares
          return applyLinear(out, joinHeads(tf.matMul(weights, splitHeads(values, heads))).mul(any))
        }),
      reset() {
        clear()
        maps.clear()
        frames.clear()
      },
      traces: async () => [...(await maps.read()), ...(await frames.read())],
      dispose() {
        clear()
        maps.clear()
        frames.clear()
        tf.dispose([query, value, out.weight, out.bias])
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
    const summary =
      p.write === 'event'
        ? 2 * L * L * (d + 2) + L * (6 * d + 6)
        : p.summary === 'mean' && (turns || p.segment > 1)
          ? 2 * writes * L * d
          : 0
    const masks = p.write === 'event' ? 8 * pairs + 8 * n + 4 * Math.min(memorySlots, n) * n * d : 0
    return {
      storeFlops: 0,
      retrieveFlops: 0,
      forwardFlops:
        4 * L * d * d +
        2 * L * d +
        4 * writes * d * d +
        similarityFlops(pairs, L + n, d, H, p.similarity) +
        pairs * (2 * d + (6 + (p.topK > 0 && p.topK < n ? 4 : 0) + (p.decay < 1 ? 1 : 0)) * H) +
        summary +
        masks,
      parameters: 3 * d * d + d,
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

/** `hidden` where a score is not among the K largest of its row, else 0. */
function beyondTopK(scores: Tensor, k: number): Tensor {
  const smallest = tf.min(tf.topk(scores, k).values, -1, true)
  return scores.less(smallest).toFloat().mul(hidden)
}
