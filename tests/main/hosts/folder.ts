import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A renderer's folder with a secret beside it and links that lead there. */
export function makeRenderer(): string {
  const base = temporaryFolder('renderer')
  const root = join(base, 'renderer')
  mkdirSync(join(root, 'assets'), { recursive: true })
  mkdirSync(join(base, 'renderer-other'))
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>Page</title>')
  writeFileSync(join(root, 'assets', 'index.js'), 'export {}')
  writeFileSync(join(root, 'notes.private'), 'secret')
  writeFileSync(join(base, 'secret.json'), '"secret"')
  writeFileSync(join(base, 'renderer-other', 'secret.json'), '"secret"')
  link(join(base, 'secret.json'), join(root, 'linked.json'))
  link(base, join(root, 'linked'))
  link(join(root, 'assets', 'index.js'), join(root, 'inside.js'))
  return root
}

/** Windows lets administrators and developers link, and nobody else. */
function link(target: string, path: string): void {
  try {
    symlinkSync(target, path)
  } catch (error) {
    if (process.platform !== 'win32') throw error
  }
}

/** Whether a renderer's folder has its links. */
export const linked = (root: string): boolean => existsSync(join(root, 'inside.js'))

/** Paths that must never lead to a file. */
export const forbiddenPaths: readonly string[] = [
  '/../secret.json',
  '/assets/../../secret.json',
  '/%2e%2e/secret.json',
  '/%2e%2e%2fsecret.json',
  '/..%2fsecret.json',
  '/%252e%252e%252fsecret.json',
  '/..%5csecret.json',
  '/..\\secret.json',
  '/../renderer-other/secret.json',
  '//etc/hostname.json',
  '/linked.json',
  '/linked/secret.json',
  '/assets',
  '/assets/',
  '/notes.private',
  '/index.html%00.js',
  '/%E0%A4%A.js',
  '/missing.js'
]
