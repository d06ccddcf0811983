/**
 * The program in Electron's place: it runs a packaged app's own archive in plain Node, the module `electron` replaced.
 * Arguments: the packaged program, then what was given to it.
 */
import { extractAll } from '@electron/asar'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , program, ...args] = process.argv
const resources = join(dirname(program), 'resources')

// Electron reads files inside an archive as if it were a folder (https://www.electronjs.org/docs/latest/tutorial/asar-archives);
// here it is one, elsewhere: a plain Node that the app starts finds nothing in the archive itself.
const unpacked = mkdtempSync(join(tmpdir(), 'engram-asar-'))
process.once('exit', () => rmSync(unpacked, { recursive: true, force: true }))
const archive = join(unpacked, 'app.asar')
extractAll(join(resources, 'app.asar'), archive)

const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../node_modules/electron/package.json'), 'utf8')
) as { version: string }
// https://www.electronjs.org/docs/latest/api/process
Object.defineProperties(process, {
  resourcesPath: { value: resources },
  versions: { value: { ...process.versions, electron: version, chrome: '0.0.0.0' } },
  type: { value: 'browser' },
  argv: { value: [program, ...args] }
})

const standIn = pathToFileURL(join(import.meta.dirname, 'electron.ts')).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context)
})

const { main } = JSON.parse(readFileSync(join(archive, 'package.json'), 'utf8')) as { main: string }
const { begin, becomeReady } = await import('./electron.ts')
if (!existsSync(join(archive, main))) throw new Error(`Cannot find module '${join(archive, main)}'`)
begin(archive)
await import(pathToFileURL(join(archive, main)).href)
becomeReady()
