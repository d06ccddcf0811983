/** Every task, in the order of the catalog. To add one: write its file, add its line. */
import adaptation from './adaptation.ts'
import arComparison from './ar-comparison.ts'
import arInterference from './ar-interference.ts'
import capacity from './capacity.ts'
import contiguity from './contiguity.ts'
import type { AnyTask } from './task.ts'

export const tasks: readonly AnyTask[] = [adaptation, capacity, contiguity, arComparison, arInterference]
