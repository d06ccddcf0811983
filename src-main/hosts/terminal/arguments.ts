/** The arguments of `npm start` and the scripts beside it; the command line proper has Commander. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { StudioError } from '../../../src-shared/shapes/errors.ts'

type Values<T extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: T }>>['values']

/**
 * Read the options given after `--`.
 * @throws StudioError bad-input for one that there is not, one without its value, and any word beside them
 */
export function readArguments<const T extends ParseArgsOptionsConfig>(options: T): Values<T> {
  let values: Values<T>
  try {
    values = parseArgs<{ options: T }>({ options }).values
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\. |\n/)
    throw new StudioError('bad-input', `${sentence.replace(/\.$/, '')}. --help says what there is.`)
  }
  for (const [name, value] of Object.entries(values))
    if (value === '') throw new StudioError('bad-input', 'It must not be empty.', { field: `--${name}` })
  return values
}
