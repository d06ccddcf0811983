/** A file to start a model of one's own from: an example of the studio's, under another name. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import type { NewModel } from '../../src-shared/shapes/new-model.ts'
import { resources } from './root.ts'

const templates = {
  python: { file: 'model.py', extension: 'py' },
  typescript: { file: 'model.ts', extension: 'ts' }
} as const

/**
 * Write it; a file that is there already stays as it is.
 * @returns its path
 * @throws StudioError bad-input without a folder, conflict for a name that is taken, read-only where it cannot be written
 */
export function writeNewModel(folder: string, { name, language }: NewModel): string {
  if (!folder)
    throw new StudioError(
      'bad-input',
      'There is no folder for your own models yet; choose one in Settings, or name it with --models.',
      { field: 'modelFolder' }
    )
  const words = name.split(/[ _-]+/).filter(Boolean)
  const { file: template, extension } = templates[language]
  const joint = language === 'python' ? '_' : '-'
  const file = join(folder, `${words.join(joint).toLowerCase()}.${extension}`)
  const text = readFileSync(join(resources(), 'templates', template), 'utf8')
    .replaceAll('MyModel', words.map((word) => word[0].toUpperCase() + word.slice(1)).join(''))
    .replaceAll('my-model', words.join('-').toLowerCase())
    .replaceAll('My model', words.join(' '))
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, text, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new StudioError('conflict', 'There is a file of this name already; choose another.', {
        file,
        field: 'name'
      })
    throw new StudioError('read-only', `The file cannot be written: ${toErrorData(error).message}.`, { file })
  }
  return file
}
