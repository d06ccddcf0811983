/**
 * Every built-in model, in the order of the catalog. To add one: write its file, add its line at the end. A model's
 * colour and dash follow from its place (src-shared/figures/model-style.ts), so a line never moves; the first eight, those
 * compared most, have a colour each.
 */
import adaptiveEpisodic from './adaptive-episodic.ts'
import attention from './attention.ts'
import augmentedAttention from './augmented-attention.ts'
import cmr from './cmr.ts'
import cmrLuce from './cmr-luce.ts'
import contextDrift from './context-drift.ts'
import deltaNet from './delta-net.ts'
import deltaRule from './delta-rule.ts'
import episodicCmr from './episodic-cmr.ts'
import episodicSlots from './episodic-slots.ts'
import fastWeights from './fast-weights.ts'
import gatedDeltaRule from './gated-delta-rule.ts'
import gatedEpisodic from './gated-episodic.ts'
import graph from './graph.ts'
import hierarchical from './hierarchical.ts'
import hierarchicalContext from './hierarchical-context.ts'
import hierarchicalLinear from './hierarchical-linear.ts'
import hierarchicalMatrix from './hierarchical-matrix.ts'
import hopfield from './hopfield.ts'
import hybrid from './hybrid.ts'
import layeredCmr from './layered-cmr.ts'
import linearAttention from './linear-attention.ts'
import linearAssociator from './linear-associator.ts'
import mamba2 from './mamba-2.ts'
import metaFastWeights from './meta-fast-weights.ts'
import mixture from './mixture.ts'
import multiheadCmr from './multihead-cmr.ts'
import parallelAttentionCmr from './parallel-attention-cmr.ts'
import projectingSlots from './projecting-slots.ts'
import rag from './rag.ts'
import retnet from './retnet.ts'
import seriesAttentionCmr from './series-attention-cmr.ts'
import stacked from './stacked.ts'
import tcm from './tcm.ts'
import titans from './titans.ts'
import titansAttention from './titans-attention.ts'
import transformer from './transformer.ts'
import transformerEpisodic from './transformer-episodic.ts'
import trueEpisodic from './true-episodic.ts'
import trueMatrix from './true-matrix.ts'
import type { AnyModel } from './model.ts'

export const builtInModels: readonly AnyModel[] = [
  linearAssociator,
  episodicSlots,
  fastWeights,
  trueEpisodic,
  hopfield,
  deltaRule,
  hierarchical,
  gatedEpisodic,
  contextDrift,
  trueMatrix,
  metaFastWeights,
  rag,
  graph,
  projectingSlots,
  adaptiveEpisodic,
  hierarchicalLinear,
  stacked,
  hierarchicalMatrix,
  mixture,
  attention,
  titans,
  episodicCmr,
  hybrid,
  multiheadCmr,
  parallelAttentionCmr,
  seriesAttentionCmr,
  transformerEpisodic,
  tcm,
  cmr,
  layeredCmr,
  linearAttention,
  gatedDeltaRule,
  retnet,
  mamba2,
  hierarchicalContext,
  transformer,
  titansAttention,
  deltaNet,
  augmentedAttention,
  cmrLuce
]
