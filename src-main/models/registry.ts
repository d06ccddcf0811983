/** Every built-in model, in alphabetical order. To add one: write its file, add its line. */
import adaptiveEpisodic from './adaptive-episodic.ts'
import deltaRule from './delta-rule.ts'
import episodicSlots from './episodic-slots.ts'
import fastWeights from './fast-weights.ts'
import hopfield from './hopfield.ts'
import linearAssociator from './linear-associator.ts'
import projectingSlots from './projecting-slots.ts'
import trueEpisodic from './true-episodic.ts'
import trueMatrix from './true-matrix.ts'
import type { AnyModel } from './model.ts'

export const builtInModels: readonly AnyModel[] = [
  adaptiveEpisodic,
  deltaRule,
  episodicSlots,
  fastWeights,
  hopfield,
  linearAssociator,
  projectingSlots,
  trueEpisodic,
  trueMatrix
]
