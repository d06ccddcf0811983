import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findNode } from '../../engine/process/launch.ts'

/** How `engram` is started on a cluster that sees this installation; a packaged app has no command line of its own. */
export function engramCommand(): readonly string[] {
  const source = join(import.meta.dirname, '../../cli.ts')
  return existsSync(source) ? [findNode(), '--disable-warning=ExperimentalWarning', source] : ['engram']
}
