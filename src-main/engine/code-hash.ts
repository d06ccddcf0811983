import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, relative, sep } from 'node:path'

/** SHA-256 over a file and its own imports: each by its place beside the file, and its content. */
export function hashOf(file: string, imports: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of [file, ...imports]) {
    const place = relative(dirname(file), part).split(sep).join('/')
    hash.update(`${place}\0${createHash('sha256').update(readFileSync(part)).digest('hex')}\n`)
  }
  return hash.digest('hex')
}
