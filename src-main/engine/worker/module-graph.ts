/**
 * What a user's file is made of: the file itself and the files of its own that it imports, as hooks on Node's loader see
 * them. Packages are not its own.
 */
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { hashOf } from '../code-hash.ts'

const imports = new Map<string, Set<string>>()

const isOwn = (url: string | undefined): url is string =>
  url !== undefined && url.startsWith('file:') && !url.includes('/node_modules/')

let watching = false

/** From now on every import is noted. */
export function watchImports(): void {
  if (watching) return
  watching = true
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      if (isOwn(found.url) && isOwn(context.parentURL))
        imports.set(context.parentURL, (imports.get(context.parentURL) ?? new Set()).add(found.url))
      return found
    }
  })
}

/** The files of its own that a file imports, and those that these import; without the file. */
export function importsOf(file: string): string[] {
  const first = pathToFileURL(file).href
  const found = new Set([first])
  for (const url of found) for (const next of imports.get(url) ?? []) found.add(next)
  found.delete(first)
  return [...found].map((url) => fileURLToPath(url)).sort()
}

/** The hash of a file and its own imports. */
export const codeOf = (file: string): string => hashOf(file, importsOf(file))
