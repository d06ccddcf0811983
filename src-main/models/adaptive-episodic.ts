import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { defineModel } from './model.ts'
import { fusedMaps } from '../tensors/fused-memory-ops.ts'
import { applyMlp } from './parts/memory/linear.ts'
import { episodicSlots } from './parts/slots/episodic-core.ts'
import { episodicParams, episodicSymbols, orthogonalityWeight } from './parts/slots/episodic-docs.ts'
import { readFlops, stepFlops } from './parts/slots/slot-gradient.ts'

/** Of each content type: inner steps, outer steps, and the error under which an episode takes no more steps. */
const innerOfType = [3, 4, 2, 3]
const outerOfType = [2, 3, 1, 3]
const thresholdOfType = [0.1, 0.08, 0.15, 0.05]
const maxInner = Math.max(...innerOfType)
const maxOuter = Math.max(...outerOfType)
const hidden = [64, 32, 4]

/**
 * Adaptive episodic memory: true-episodic whose effort on each episode a content classifier decides.
 *
 *   h1 = relu([k; ctx] W0^T + b0),  h2 = relu(h1 W2^T + b2),  w = softmax(h2 W4^T + b4)
 *   inner = max(1, round(w . [3,4,2,3])),  outer = max(1, round(w . [2,3,1,3])),  threshold = w . [.1,.08,.15,.05]
 *   store: as true-episodic, pass by pass; an episode takes part in its first `outer` passes with `inner` steps each,
 *          and takes no step while mean((retrieve(k_i, ctx_i) - v_i)^2) is under its threshold
 *
 * W0: [64, d+c], W2: [32, 64], W4: [4, 32], drawn as Linear draws them and never trained; slots as in true-episodic.
 * Source: the adaptive variant of TrueEpisodicMemory of the seed documents (2025).
 */
export default defineModel({
  id: 'adaptive-episodic',
  title: 'Adaptive episodic memory',
  family: 'Slot memories',
  interfaces: ['key-value'],
  summary: 'A true episodic memory that decides per episode how many gradient steps to spend on it.',
  recall:
    'Recalls as the true episodic memory does: weakly with the defaults; a larger learning rate favours the newest episodes. The classifier stays at its random start, so its four content types mean nothing; the early stop is the only adaptation that depends on what is remembered.',
  equations: [
    'w = \\operatorname{softmax}\\big(\\mathrm{MLP}([k; c])\\big) \\in \\mathbb R^4',
    'n_{\\mathrm{in}} = \\max(1, \\lfloor w \\cdot (3,4,2,3) \\rceil), \\quad n_{\\mathrm{out}} = \\max(1, \\lfloor w \\cdot (2,3,1,3) \\rceil)',
    '\\theta = w \\cdot (.1, .08, .15, .05): \\quad \\text{no step while } \\tfrac1d \\lVert \\operatorname{retrieve}(k, c) - v \\rVert^2 < \\theta'
  ],
  symbols: [
    ...episodicSymbols,
    { symbol: 'w', meaning: 'shares of the four content types', shape: '[4]' },
    { symbol: '\\theta', meaning: 'error under which an episode takes no more steps' }
  ],
  source: 'The adaptive variant of TrueEpisodicMemory of unpublished design notes (2025)',
  notes: [
    'The classifier is not trained, as in the source.',
    'Without contexts its input carries zeros for them.',
    'The stated FLOPs are an upper bound: every episode is counted with the most steps that any type allows.'
  ],
  params: {
    ...episodicParams,
    orthogonalityWeight
  },
  uses: { contexts: true, places: false },
  capabilities: ['recency'],
  revision: 1,
  create(p, setup) {
    const { batch, weight } = setup
    const memory = episodicSlots(p, setup, [p.dim], 'episodic_memory.')
    const layers = hidden.map((width, i) => {
      const from = hidden[i - 1] ?? p.dim + p.contextDim
      const linear = { kind: 'uniform', bound: 1 / Math.sqrt(from) } as const
      const name = `content_classifier.content_classifier.${2 * i}`
      return { weight: weight(`${name}.weight`, [width, from], linear), bias: weight(`${name}.bias`, [width], linear) }
    })

    /** What each episode gets, [B, N, 3]: see WritePlan. */
    const plan = (keys: Tensor, contexts: Tensor | undefined): Tensor =>
      tf.tidy(() => {
        const count = keys.shape[1]!
        const none = (): Tensor =>
          tf.tensor(new Float32Array(batch * count * p.contextDim), [batch, count, p.contextDim])
        const given = [keys, contexts ?? none()]
        const ofTypes = [innerOfType, outerOfType, thresholdOfType]
        const last = tf.tensor(Array.from({ length: batch }, () => ofTypes))
        const fused = fusedMaps([
          {
            inputs: given,
            layers: [
              ...layers.map((layer, i) => ({ ...layer, then: i + 1 < layers.length ? 'relu' : 'softmax' }) as const),
              { weight: last }
            ]
          }
        ])
        if (fused) return fused[0]
        const x = applyMlp(layers, tf.concat(given, 2)).softmax()
        const weighted = (constants: readonly number[]): Tensor =>
          tf
            .matMul(x.reshape([-1, hidden.at(-1)!]), tf.tensor2d([...constants], [constants.length, 1]))
            .reshape([batch, count])
        return tf.stack(ofTypes.map(weighted), 2)
      })
    return {
      store(input) {
        if (input.keys.shape[1] === 0) return
        const wanted = plan(input.keys, input.contexts)
        memory.storeTogether(input, false, { wanted, maxInner, maxOuter })
        wanted.dispose()
      },
      retrieve: (input) => memory.retrieve(input),
      reset: () => memory.reset(),
      traces: () => memory.traces(),
      dispose() {
        memory.dispose()
        layers.forEach((layer) => tf.dispose([layer.weight, layer.bias]))
      }
    }
  },
  cost(p, { stored, before, queries, contexts = false }) {
    const u = Math.min(before + stored, p.memorySize)
    const c = contexts ? p.contextDim : 0
    const widths = [p.dim + p.contextDim, ...hidden]
    const classifier = hidden.reduce((sum, width, i) => sum + width * (2 * widths[i]! + 2), 0) + 3 * 2 * 4
    const steps = stored * maxInner * maxOuter
    return {
      storeFlops: stored * (classifier + c) + steps * stepFlops(u, p.dim, c, p.orthogonalityWeight > 0),
      retrieveFlops: u === 0 ? 0 : queries * (readFlops(u, p.dim, c) + c),
      parameters: hidden.reduce((sum, width, i) => sum + width * (widths[i]! + 1), 0),
      state: p.memorySize * (3 * (2 * p.dim + p.contextDim) + 1)
    }
  }
})
