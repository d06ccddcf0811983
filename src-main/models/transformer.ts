import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { choice, integer, type ModelRef, type ValuesOf } from '../../src-shared/shapes/params.ts'
import { Scope } from '../../src-shared/shapes/scope.ts'
import { defineModel, type Memory } from './model.ts'
import { dimension } from './parts/memory/common-params.ts'
import { tracesOf } from './parts/memory/inner.ts'
import { disposeAll, resetAll } from './parts/memory/joined-memories.ts'
import { applyLinear, linear, linearFlops } from './parts/memory/linear.ts'
import { rmsNorm, rmsNormFlops } from './parts/memory/rms-norm.ts'
import { tokenShift, tokenShiftFlops, tokenShiftMix } from './parts/blocks/token-shift.ts'

const params = {
  dim: dimension,
  blocks: {
    type: 'models' as const,
    label: 'Blocks',
    help: 'The memory of each layer; with fewer blocks than layers they take turns',
    default: [{ kind: 'attention', params: { heads: 2 } }],
    min: 1,
    max: 16
  },
  layers: integer('Layers', 2, { help: 'Layers, one after another', min: 1, max: 16, symbol: 'n' }),
  expansion: integer('Expansion', 2, {
    help: 'Hidden width of each layer’s network, in units of d; 0 leaves the network out',
    min: 0,
    max: 8,
    symbol: 'e'
  }),
  shift: choice('Token shift', 'learned', ['learned', 'always', 'none'], {
    help: 'learned: a block sees, channel by channel, a learned mixture of the token and the one before it, unless a short convolution of its own does that; always: even then'
  })
}
type Transformer = ValuesOf<typeof params>

const blockOf = ({ blocks }: Transformer, layer: number): ModelRef => blocks[layer % blocks.length]
/** Whether the layer mixes tokens before its block sees them. */
const shifts = (p: Transformer, layer: number): boolean =>
  p.shift === 'always' || (p.shift === 'learned' && blockOf(p, layer).params.convolution !== 'short')
const layersOf = (p: Transformer): number[] => Array.from({ length: p.layers }, (_, i) => i)

/**
 * A transformer of any blocks: pre-norm residual layers, each with a memory and a small network.
 *
 *   h <- h + block_i(shift(norm(h))),   h <- h + W_2 relu(W_1 norm(h) + b_1) + b_2,   y = norm(h_n)
 *   shift(x)_t = x_t + m (x_(t-1) - x_t)
 *
 * h, x, y: [L, d]; m: [d], learned per channel; the token before the first of a call is zero, and a block with a short
 * convolution of its own sees norm(h) unmixed; norm: root-mean-square without gain; W_1: [e d, d], W_2: [d, e d].
 * Weights: `layers.i.block.*`, `layers.i.mix`, `layers.i.mlp.0`, `layers.i.mlp.2`.
 * Source: Vaswani et al. (2017); pre-norm after Xiong et al. (2020); token shift after Peng et al. (2023), RWKV.
 */
export default defineModel({
  id: 'transformer',
  title: 'Transformer',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'Layers of any memory blocks, the same or mixed, with residual connections and a small network each.',
  recall:
    'Recalls what its blocks recall once it is trained. With the token shift, a block can bind a token to the one before it.',
  equations: [
    'h \\leftarrow h + \\operatorname{block}_i(\\operatorname{shift}(\\operatorname{norm}(h)))',
    'h \\leftarrow h + W_2 \\operatorname{relu}(W_1 \\operatorname{norm}(h) + b_1) + b_2',
    '\\operatorname{shift}(x)_t = x_t + m \\odot (x_{t-1} - x_t)'
  ],
  symbols: [
    { symbol: 'h', meaning: 'residual stream', shape: '[L, d]' },
    { symbol: 'm', meaning: 'learned share of the token before', shape: '[d]' },
    { symbol: 'W_1, W_2', meaning: 'network of a layer', shape: '[e d, d], [d, e d]' }
  ],
  source:
    'A. Vaswani et al. (2017), Attention is all you need; R. Xiong et al. (2020), On layer normalization; B. Peng et al. (2023), RWKV',
  notes: [
    'The norm has no gain: the linear map that follows it has one.',
    'Episodic blocks whose bank is shared write and read one ring buffer for the whole stack.'
  ],
  params,
  revision: 1,
  create(p, setup) {
    const { dim } = p
    const scope = new Scope()
    const layers = layersOf(p).map((i) => {
      const at = `layers.${i}.`
      const { kind, params: given } = blockOf(p, i)
      return {
        block: sequence(setup.build(kind, given, `${at}block.`, scope), kind),
        mix: shifts(p, i) ? tokenShiftMix(setup.weight, `${at}mix`, dim) : undefined,
        mlp:
          p.expansion > 0
            ? ([
                linear(setup.weight, `${at}mlp.0`, dim, p.expansion * dim),
                linear(setup.weight, `${at}mlp.2`, p.expansion * dim, dim)
              ] as const)
            : undefined
      }
    })
    const blocks = layers.map(({ block }) => block)
    return {
      forward(x, options) {
        // Not in one tidy: a block may hold on to what it made.
        let h = x
        const next = (made: Tensor): void => {
          if (h !== x) h.dispose()
          h = made
        }
        for (const { block, mix, mlp } of layers) {
          const seen = tf.tidy(() => (mix ? tokenShift(rmsNorm(h), mix) : rmsNorm(h)))
          const said = block.forward!(seen, options)
          next(h.add(said))
          tf.dispose([seen, said])
          if (mlp) next(tf.tidy(() => h.add(applyLinear(mlp[1], applyLinear(mlp[0], rmsNorm(h), 'relu')))))
        }
        next(rmsNorm(h))
        return h
      },
      reset: () => resetAll(blocks),
      traces: () => tracesOf(blocks, 'layers', 'Layer'),
      dispose() {
        disposeAll(blocks)
        for (const { mix, mlp } of layers)
          tf.dispose([...(mix ? [mix] : []), ...(mlp ?? []).flatMap(({ weight, bias }) => [weight, bias])])
      }
    }
  },
  cost(p, workload, costOf) {
    const { tokens = 0 } = workload
    const { dim } = p
    const scope = new Scope()
    const costs = layersOf(p).map((i) => {
      const { kind, params: given } = blockOf(p, i)
      return costOf(kind, { ...given, dim }, { ...workload, scope })
    })
    const sum = (pick: (cost: (typeof costs)[number]) => number): number =>
      costs.reduce((total, cost) => total + pick(cost), 0)
    const hidden = p.expansion * dim
    const network = hidden
      ? rmsNormFlops(tokens, dim) +
        linearFlops(tokens, dim, hidden) +
        tokens * hidden +
        linearFlops(tokens, hidden, dim) +
        tokens * dim
      : 0
    const around = rmsNormFlops(tokens, dim) + tokens * dim
    const shifted = layersOf(p).filter((i) => shifts(p, i)).length
    return {
      forwardFlops:
        sum((c) => c.forwardFlops ?? 0) +
        p.layers * (network + around) +
        shifted * tokenShiftFlops(tokens, dim) +
        rmsNormFlops(tokens, dim),
      parameters: sum((c) => c.parameters) + p.layers * (hidden ? 2 * hidden * dim + hidden + dim : 0) + shifted * dim,
      state: sum((c) => c.state)
    }
  }
})

/** @throws StudioError bad-input for a memory that is no sequence block */
function sequence(memory: Memory, kind: string): Memory {
  if (memory.forward) return memory
  memory.dispose()
  throw new StudioError('bad-input', `"${kind}" is no sequence block; choose one that reads tokens.`, {
    field: 'blocks'
  })
}
