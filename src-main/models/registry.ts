/** Every built-in model, in alphabetical order. To add one: write its file, add its line. */
import adaptiveEpisodic from './adaptive-episodic.ts'
import contextDrift from './context-drift.ts'
import deltaRule from './delta-rule.ts'
import episodicSlots from './episodic-slots.ts'
import fastWeights from './fast-weights.ts'
import gatedEpisodic from './gated-episodic.ts'
import graph from './graph.ts'
import hierarchical from './hierarchical.ts'
import hierarchicalLinear from './hierarchical-linear.ts'
import hierarchicalMatrix from './hierarchical-matrix.ts'
import hopfield from './hopfield.ts'
import linearAssociator from './linear-associator.ts'
import metaFastWeights from './meta-fast-weights.ts'
import mixture from './mixture.ts'
import projectingSlots from './projecting-slots.ts'
import rag from './rag.ts'
import stacked from './stacked.ts'
import trueEpisodic from './true-episodic.ts'
import trueMatrix from './true-matrix.ts'
import type { AnyModel } from './model.ts'

export const builtInModels: readonly AnyModel[] = [
  adaptiveEpisodic,
  contextDrift,
  deltaRule,
  episodicSlots,
  fastWeights,
  gatedEpisodic,
  graph,
  hierarchical,
  hierarchicalLinear,
  hierarchicalMatrix,
  hopfield,
  linearAssociator,
  metaFastWeights,
  mixture,
  projectingSlots,
  rag,
  stacked,
  trueEpisodic,
  trueMatrix
]
