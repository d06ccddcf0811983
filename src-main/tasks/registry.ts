/** Every task, in the order of the catalog. To add one: write its file, add its line. */
import type { AnyTask } from './task.ts'

export const tasks: readonly AnyTask[] = []
