/**
 * `npm run package`: installers for this system, by electron-builder. What it would fetch and cannot is said in one
 * sentence, and first: Electron's runtime.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { fetchRuntime, thisMachine } from '../desktop/runtime.ts'
import { npm } from '../terminal/npm.ts'
import { outcome } from '../terminal/outcome.ts'

const root = join(import.meta.dirname, '../../..')
const args = process.argv.slice(2)
const require = createRequire(import.meta.url)
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`))

/** What electron-builder says when it cannot fetch one of its tools. */
const unreachable = /(getaddrinfo \w+|connect \w+|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ECONNRESET)[^\n]*/

await outcome(async () => {
  if (npm(['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' }).status !== 0)
    throw new StudioError('internal', 'The studio could not be built.')
  const runtime = (): string | undefined => thisMachine().runtime()
  if (!runtime()) {
    const reason = await fetchRuntime({ again: true })
    if (reason)
      throw new StudioError(
        'connection-lost',
        `The studio is built in out/, but an installer holds Electron: ${reason}.`
      )
  }
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folderOf('electron'), 'dist')
  const { code, said } = await electronBuilder([...args, `--config.electronDist=${dist}`])
  if (code === 0) return
  const found = unreachable.exec(said)
  throw found
    ? new StudioError('connection-lost', `electron-builder could not fetch one of its tools (${found[0].trim()}).`)
    : new StudioError('internal', `electron-builder ended with exit code ${code}.`)
})

function electronBuilder(args: readonly string[]): Promise<{ code: number; said: string }> {
  const program = join(folderOf('electron-builder'), 'cli.js')
  const child = spawn(process.execPath, [program, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      process.stdout.write(chunk)
    })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 1, said })))
}
