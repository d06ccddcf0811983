// What a package holds is made on the system that it is for: the engine's native module, and the Node beside it.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

/** A package has no .git: it carries the commit it was made from, which every run's provenance names. */
function writeCommit() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--untracked-files=no') !== ''
  const folder = join(root, 'out', 'commit')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'commit.txt'), git('rev-parse', 'HEAD') + (changed ? '+changes' : ''))
}

/**
 * @param {{ platform: { nodeName: string }, arch: string }} target
 * @returns false: the packages need no further care
 */
export default function beforeBuild({ platform: { nodeName }, arch }) {
  if (nodeName !== process.platform || arch !== process.arch)
    throw new Error(
      `A package for ${nodeName} on ${arch} is made there: this is ${process.platform} on ${process.arch}.`
    )
  if (!existsSync(join(root, 'node_modules/node/bin')))
    throw new Error('The npm package "node", which a package brings along, is not installed: run npm ci.')
  writeCommit()
  return false
}
