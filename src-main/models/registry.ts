/** Every built-in model, in alphabetical order. To add one: write its file, add its line. */
import deltaRule from './delta-rule.ts'
import fastWeights from './fast-weights.ts'
import hopfield from './hopfield.ts'
import linearAssociator from './linear-associator.ts'
import trueEpisodic from './true-episodic.ts'
import trueMatrix from './true-matrix.ts'
import type { AnyModel } from './model.ts'

export const builtInModels: readonly AnyModel[] = [
  deltaRule,
  fastWeights,
  hopfield,
  linearAssociator,
  trueEpisodic,
  trueMatrix
]
