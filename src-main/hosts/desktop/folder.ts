/** Which data folder a desktop app is for, and where Chromium keeps its own files of it. */
import { parseArgs } from 'node:util'
import { join, resolve } from 'node:path'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { storeError } from '../../store/errors.ts'
import { realPort } from '../../store/port.ts'
import { defaultDataFolder } from '../data-folder.ts'

export interface Folders {
  dataFolder: string
  /** The user's own models. */
  modelFolder?: string
}

/**
 * `--data DIR` and `--models DIR`; Chromium's own switches pass by.
 * @param argv of the process: a packaged program has no script among them
 * @throws StudioError bad-input where no folder follows
 */
export function chosenFolders(argv: readonly string[], packaged: boolean): Folders {
  const { values } = parseArgs({
    args: argv.slice(packaged ? 1 : 2),
    options: { data: { type: 'string' }, models: { type: 'string' } },
    strict: false
  })
  const named = (name: 'data' | 'models'): string | undefined => {
    const value = values[name]
    if (value === undefined) return undefined
    if (typeof value === 'string' && value !== '') return resolve(value)
    throw new StudioError('bad-input', 'A folder must follow.', { field: `--${name}` })
  }
  const modelFolder = named('models')
  return { dataFolder: named('data') ?? defaultDataFolder(), ...(modelFolder !== undefined && { modelFolder }) }
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
