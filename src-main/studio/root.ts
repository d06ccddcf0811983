import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of package.json: the checkout, or the packaged application, wherever the bundler put this code. */
export function appRoot(from: string = import.meta.dirname): string {
  let folder = from
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`package.json was not found above ${from}`)
    folder = parent
  }
  return folder
}

/** What ships with the studio beside its code. */
export const resources = (): string => join(appRoot(), 'resources')
