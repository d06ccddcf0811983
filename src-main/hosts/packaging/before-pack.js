// A package has no .git: it carries the commit it was made from, which every run's provenance names.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @param {{ packager: { projectDir: string } }} context */
export default function beforePack({ packager: { projectDir } }) {
  const git = (...args) => execFileSync('git', args, { cwd: projectDir, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--untracked-files=no') !== ''
  const folder = join(projectDir, 'out', 'commit')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'commit.txt'), git('rev-parse', 'HEAD') + (changed ? '+changes' : ''))
}
