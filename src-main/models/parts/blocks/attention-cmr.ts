/** The two parts of the attention-with-CMR blocks, and their shared documentation. */
import type { ParamValues, ValuesOf } from '../../../../src-shared/shapes/params.ts'
import type { Memory, MemorySetup, Trace } from '../../model.ts'
import { associationParams, bankParams, bankReadParams, blockParams, later, needing, valuesOf } from './block-params.ts'
import { dimension, headCount } from '../memory/common-params.ts'
import { tracesUnder } from '../memory/inner.ts'

/** The bank is that of the episodic memory; learned slots are weights of their block. */
export const attentionCmrParams = {
  dim: dimension,
  heads: headCount(8),
  ...blockParams,
  ...needing({ ...later(bankParams), ...bankReadParams }, 'memory', 'episodic'),
  ...needing(associationParams, 'memory', 'learned')
}
export type AttentionCmr = ValuesOf<typeof attentionCmrParams>

export const cmrKind = (p: AttentionCmr): string => (p.memory === 'learned' ? 'multihead-cmr' : 'episodic-cmr')
export const attentionParams = ({ dim, heads }: AttentionCmr): ParamValues => ({ dim, heads })
export const cmrParams = (p: AttentionCmr): ParamValues =>
  valuesOf(
    p,
    ['dim', 'heads', 'memorySlots', 'similarity'],
    ...(p.memory === 'learned' ? [associationParams] : [['bank'], bankParams, bankReadParams])
  )

/** Weights under `attn.` and `cmr.`. */
export function attentionAndCmr(p: AttentionCmr, setup: MemorySetup): { attention: Memory; cmr: Memory } {
  return {
    attention: setup.build('attention', attentionParams(p), 'attn.'),
    cmr: setup.build(cmrKind(p), cmrParams(p), 'cmr.')
  }
}

/** What both parts report about themselves. */
export const partTraces = async (attention: Memory, cmr: Memory): Promise<Trace[]> => [
  ...(await tracesUnder(attention, 'attn.', 'Attention')),
  ...(await tracesUnder(cmr, 'cmr.', 'CMR'))
]
