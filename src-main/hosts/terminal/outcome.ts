/** How a command ends: the result on stdout and nothing else there; an error as one line on stderr and its exit code. */
import { errorCodes, errorLine, toErrorData } from '../../../src-shared/shapes/errors.ts'
import { plain } from './text.ts'

/** Write a result, waiting until a pipe has taken it. */
export function print(text: string): Promise<void> {
  return new Promise((done) => process.stdout.write(`${text}\n`, () => done()))
}

/** Do a command's work; never throws. */
export async function outcome(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (thrown) {
    const error = toErrorData(thrown)
    process.stderr.write(`${plain(errorLine(error))}\n`)
    process.exitCode = errorCodes[error.code]
  }
}
