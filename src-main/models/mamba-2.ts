import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { integer } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { applyBare, bare, joinHeads } from './parts/blocks/block-heads.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { LinearRecurrence, recurrenceFlops } from './parts/blocks/linear-recurrence.ts'
import { splitHeads } from './parts/memory/mha.ts'
import { silu } from './parts/blocks/neural-memory.ts'
import { rmsNorm, rmsNormFlops } from './parts/memory/rms-norm.ts'
import { spread } from './parts/memory/shared-weights.ts'
import { ConvolvedMap, convolutionCost, ownConvolution } from './parts/blocks/short-convolution.ts'
import { decaysOf, perHead, tokenDecay, tokenDecayFlops, tokenDecayTensors } from './parts/blocks/token-decay.ts'

/**
 * The state update of Mamba-2: a state space whose decay each token chooses, shared keys and queries for all heads.
 *
 *   S_t = a_t S_(t-1) + delta_t B_t^T u_t,   y_t = C_t S_t + D u_t,   ln a_t = -exp(A) delta_t
 *   out = norm([y_h] o silu(x W_z^T)) W_o^T
 *
 * u: [d_h] a head, B, C: [n], silu(conv(x W^T)) each, with a causal convolution over four tokens, channel by channel
 * (parts/blocks/short-convolution.ts), or silu(x W^T) without it; delta: softplus of a linear map, one a head;
 * S: [n, d_h], kept between calls.
 * Source: Dao & Gu (2024), Transformers are SSMs.
 */
export default defineModel({
  id: 'mamba-2',
  title: 'Mamba-2 state update',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'One matrix a head whose fading each token decides: it can let filler pass and clear itself at a boundary.',
  recall:
    'Recalls up to about as many items as its state size; each token decides how much of it fades. It adds values up; it cannot overwrite one.',
  equations: [
    'S_t = a_t S_{t-1} + \\delta_t B_t^\\top u_t,\\qquad y_t = C_t S_t + D u_t,\\qquad \\ln a_t = -e^{A} \\delta_t',
    '\\text{out} = \\operatorname{norm}\\bigl([y_h] \\odot \\operatorname{silu}(x W_z^\\top)\\bigr)\\,W_o^\\top'
  ],
  symbols: [
    { symbol: 'S', meaning: 'state of a head', shape: '[n, d_h]' },
    { symbol: 'B, C', meaning: 'where a token writes and reads', shape: '[n]' },
    { symbol: '\\delta', meaning: 'step size, one a head' }
  ],
  source: 'T. Dao & A. Gu (2024), Transformers are SSMs',
  notes: ['The convolution has no bias.'],
  params: {
    dim: dimension,
    heads: headCount(8),
    stateSize: integer('State size', 32, {
      help: 'Rows of each head’s state',
      min: 1,
      max: 1024,
      symbol: 'n',
      scale: 'log'
    }),
    convolution: ownConvolution
  },
  revision: 3,
  create({ dim, heads, stateSize, convolution }, { weight, observed }) {
    const map = (name: string, outputs: number): ConvolvedMap =>
      new ConvolvedMap(weight, {
        ...{ map: `W_${name}`, kernel: `${name}_conv1d` },
        ...{ inputs: dim, outputs, convolution, activate: true }
      })
    const value = map('x', dim)
    const [gate, out] = ['W_z', 'W_o'].map((name) => bare(weight, name, dim, dim))
    const [key, query] = [map('B', stateSize), map('C', stateSize)]
    const decay = tokenDecay(weight, dim, heads)
    const skip = weight('D', [heads, 1, 1], { kind: 'ones' })
    const memory = new LinearRecurrence(observed)
    const clear = (): void => {
      memory.clear()
      for (const map of [value, key, query]) map.clear()
    }
    /** Every head reads and writes at the same places. */
    const shared = (x: Tensor): Tensor => x.expandDims(1).tile([1, heads, 1, 1])
    return {
      forward: (x) =>
        tf.tidy(() => {
          const u = splitHeads(value.run(x), heads)
          const { delta, logDecay } = decaysOf(decay, x)
          const y = memory.run({
            q: shared(query.run(x)),
            k: shared(key.run(x)),
            v: u.mul(perHead(delta)),
            logDecay: perHead(logDecay)
          })
          const all = y.add(u.mul(spread(skip, u.shape[0])))
          return applyBare(out, rmsNorm(joinHeads(all).mul(silu(applyBare(gate, x)))))
        }),
      reset: clear,
      traces: () => memory.traces(),
      dispose() {
        clear()
        for (const map of [value, key, query]) map.dispose()
        tf.dispose([gate, out, skip, ...tokenDecayTensors(decay)])
      }
    }
  },
  cost({ dim: d, heads, stateSize: n, convolution }, { tokens: L = 0, before }) {
    const size = d / heads
    const sizes = { tokens: L, heads, dk: n, dv: size, decay: 'token', delta: false, before: before > 0 } as const
    const convolved = convolutionCost(convolution, L, d + 2 * n)
    // SiLU is part of the convolution, and stays where there is none.
    const activation = convolution === 'none' ? 2 * L * (d + 2 * n) : 0
    return {
      forwardFlops:
        6 * L * d * d +
        4 * L * d * n +
        convolved.flops +
        activation +
        2 * L * d +
        tokenDecayFlops(L, d, heads) +
        4 * L * d +
        recurrenceFlops(sizes) +
        rmsNormFlops(L, d),
      parameters: 3 * d * d + 2 * d * n + d * heads + 3 * heads + convolved.parameters,
      state: n * d + convolved.state
    }
  }
})
