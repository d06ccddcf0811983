import { join } from 'node:path'

/** The one file of a data folder that holds what its user made. */
export const storeFile = (folder: string): string => join(folder, 'engram.sqlite')
