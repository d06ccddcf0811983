/** The users' own files as another machine needs them: each by its place in the folder of models. */
import { readFileSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { CodeFile } from '../protocol.ts'
import type { ModelFile } from '../worker-calls.ts'

/** All of them together. */
const mostBytes = 64 * 2 ** 20

/**
 * The files that models are made of.
 * @throws StudioError not-found for a model of no file, not-supported for a file outside the folder, too-large
 */
export function codeFiles(folder: string, models: readonly ModelFile[], wanted: readonly string[]): CodeFile[] {
  const found = new Map<string, string>()
  for (const id of wanted) {
    const model = models.find((one) => one.id === id)
    if (!model) throw new StudioError('not-found', `There is no file of the model "${id}".`)
    for (const file of [model.file, ...model.imports]) {
      const path = relative(resolve(folder), file).split(sep).join('/')
      if (path.startsWith('..'))
        throw new StudioError('not-supported', 'Only files in the folder of your models can be sent elsewhere.', {
          file
        })
      found.set(path, file)
    }
  }
  let bytes = 0
  for (const file of found.values()) {
    bytes += statSync(file).size
    if (bytes > mostBytes)
      throw new StudioError('too-large', `At most ${mostBytes / 2 ** 20} MiB of code can be sent elsewhere.`, { file })
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, file]) => ({ path, content: readFileSync(file) }))
}
