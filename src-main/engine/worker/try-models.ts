/**
 * A process that loads a user's files, one when it is told to, and says what each of them holds. A file that never comes
 * back, ends the process or breaks it later harms nobody else.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { toErrorData } from '../../../src-shared/shapes/errors.ts'
import { endWithParent } from '../watch.ts'
import { codeOf, importsOf } from './module-graph.ts'
import type { TriedFile, TryRequest } from './tried-file.ts'
import { loadModel, notLoaded } from './user-models.ts'

endWithParent()

const say = (tried: TriedFile): void => void process.send?.(tried)

/** What goes wrong outside the import itself (a rejection that nobody waits for) is the fault of the file under way. */
let underWay = ''
const blame = (thrown: unknown): void => {
  const tried: TriedFile = { file: underWay, error: notLoaded(underWay, thrown).data, imports: [] }
  process.send?.(tried, () => process.exit(1))
}
process.on('uncaughtException', blame)
process.on('unhandledRejection', blame)

process.on('message', async ({ file }: TryRequest) => {
  underWay = file
  try {
    const model = await loadModel(file)
    // A rejection shows only after the turn in which it happened.
    await turn()
    await turn()
    const imports = importsOf(file)
    say({ file, imports, ...(model && { model: { file, id: model.id, code: codeOf(file), imports } }) })
  } catch (error) {
    say({ file, error: { ...toErrorData(error), file }, imports: importsOf(file) })
  }
})
