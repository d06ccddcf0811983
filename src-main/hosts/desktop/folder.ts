/** Which data folder a desktop app is for, and where Chromium keeps its own files of it. */
import { parseArgs } from 'node:util'
import { join, resolve } from 'node:path'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { storeError } from '../../store/errors.ts'
import { realPort } from '../../store/port.ts'
import { defaultDataFolder } from '../data-folder.ts'
import { ownCode } from '../own-code.ts'

export interface Folders {
  dataFolder: string
  /** The user's own models. */
  modelFolder?: string
  /** The Python that runs models in Python. */
  interpreter?: string
}

/**
 * `--data DIR`, `--models DIR` and `--python PROGRAM`; Chromium's own switches pass by.
 * @param argv of the process: a packaged program has no script among them
 * @throws StudioError bad-input where nothing follows
 */
export function chosenFolders(argv: readonly string[], packaged: boolean): Folders {
  const { values } = parseArgs({
    args: argv.slice(packaged ? 1 : 2),
    options: { data: { type: 'string' }, models: { type: 'string' }, python: { type: 'string' } },
    strict: false
  })
  const named = (name: 'data' | 'models' | 'python'): string | undefined => {
    const value = values[name]
    if (value === undefined || (typeof value === 'string' && value !== '')) return value
    throw new StudioError('bad-input', `A ${name === 'python' ? 'program' : 'folder'} must follow.`, {
      field: `--${name}`
    })
  }
  const own = ownCode({ models: named('models'), python: named('python') })
  return { dataFolder: resolve(named('data') ?? defaultDataFolder()), ...own }
}

/**
 * Where Chromium's cache and the window's place are kept. They lie with the data: a second folder has a lock, and so a
 * window, of its own.
 */
export const windowFolder = (dataFolder: string): string => join(dataFolder, 'window')

/** @throws StudioError read-only, disk-full, bad-file */
export function makeWindowFolder(dataFolder: string): string {
  const folder = windowFolder(dataFolder)
  try {
    realPort.makeFolder(folder)
  } catch (error) {
    throw storeError(error, folder)
  }
  return folder
}
