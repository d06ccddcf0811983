/** Every task, in the order of the catalog. To add one: write its file, add its line. */
import adaptation from './adaptation.ts'
import arComparison from './ar-comparison.ts'
import arInterference from './ar-interference.ts'
import associativeRecall from './associative-recall.ts'
import copy from './copy.ts'
import interleavedTasks from './interleaved-tasks.ts'
import needle from './needle.ts'
import surprise from './surprise.ts'
import capacity from './capacity.ts'
import composition from './composition.ts'
import conceptComposition from './concept-composition.ts'
import consolidation from './consolidation.ts'
import contiguity from './contiguity.ts'
import crossLevel from './cross-level.ts'
import dimension from './dimension.ts'
import eventInterference from './event-interference.ts'
import eventRecall from './event-recall.ts'
import fixedTurns from './fixed-turns.ts'
import forgetting from './forgetting.ts'
import generalisation from './generalisation.ts'
import freeRecall from './free-recall.ts'
import freeRecallTrained from './free-recall-trained.ts'
import granularity from './granularity.ts'
import interference from './interference.ts'
import internalDimension from './internal-dimension.ts'
import matrixCapacity from './matrix-capacity.ts'
import multiScale from './multi-scale.ts'
import segmentation from './segmentation.ts'
import recognition from './recognition.ts'
import sequence from './sequence.ts'
import spatioTemporal from './spatio-temporal.ts'
import structure from './structure.ts'
import turns from './turns.ts'
import type { AnyTask } from './task.ts'

export const tasks: readonly AnyTask[] = [
  adaptation,
  capacity,
  forgetting,
  dimension,
  internalDimension,
  contiguity,
  interference,
  sequence,
  granularity,
  matrixCapacity,
  structure,
  composition,
  arComparison,
  arInterference,
  eventRecall,
  eventInterference,
  spatioTemporal,
  multiScale,
  segmentation,
  generalisation,
  crossLevel,
  conceptComposition,
  consolidation,
  freeRecall,
  recognition,
  associativeRecall,
  copy,
  needle,
  interleavedTasks,
  surprise,
  turns,
  fixedTurns,
  freeRecallTrained
]
