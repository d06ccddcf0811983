/**
 * Packs the app as `npm run package` would, by electron-builder and its own configuration, up to the folder that
 * installers wrap: around Electron's runtime where there is one, else around a program that runs the stand-in.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { findDesktop, thisMachine } from '../../../src-main/hosts/desktop/runtime.ts'

export const root = join(import.meta.dirname, '../../..')
export const packedFolder = join(root, 'dist', 'tested')

const found = findDesktop(thisMachine())
/** Electron's own program, where it can open a window here. */
export const electron = 'executable' in found ? found.executable : undefined
/** Why the specs cannot run on this machine. */
export const obstacle =
  electron === undefined && process.platform !== 'linux'
    ? `Electron’s runtime is not installed, and its stand-in is a program for Linux`
    : undefined

const unpacked = {
  linux: 'linux-unpacked',
  win32: 'win-unpacked',
  darwin: `mac${process.arch === 'arm64' ? '-arm64' : ''}`
}
const folder = join(packedFolder, unpacked[process.platform as keyof typeof unpacked] ?? 'linux-unpacked')
const bundle = join(folder, 'Engram Studio.app/Contents')

/** The packed program, and the folder of its resources. */
export const program =
  process.platform === 'darwin'
    ? join(bundle, 'MacOS/Engram Studio')
    : join(folder, process.platform === 'win32' ? 'Engram Studio.exe' : 'engram-studio')
export const resources = process.platform === 'darwin' ? join(bundle, 'Resources') : join(folder, 'resources')

/** Electron's programs carry their fuses behind this, with the wire's version and length: nine since Electron 45. */
const fuses = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x09101100101'

/** A folder that looks like Electron's runtime to electron-builder. */
function standInRuntime(): string {
  const runtime = join(packedFolder, 'runtime')
  mkdirSync(runtime, { recursive: true })
  const quoted = [process.execPath, join(import.meta.dirname, 'start.ts')].map(
    (path) => `'${path.replaceAll("'", "'\\''")}'`
  )
  const script = `#!/bin/sh\n# ${fuses}\nexec ${quoted[0]} --disable-warning=ExperimentalWarning ${quoted[1]} "$0" "$@"\n`
  writeFileSync(join(runtime, 'electron'), script)
  chmodSync(join(runtime, 'electron'), 0o755)
  return runtime
}

/** @throws Error with what electron-builder said */
export function pack(): void {
  rmSync(packedFolder, { recursive: true, force: true })
  // Playwright reaches a real runtime through its inspector, which a fuse turns off.
  const around = electron
    ? [`--config.electronDist=${dirname(electron)}`, '--config.afterPack=null']
    : [`--config.electronDist=${standInRuntime()}`]
  const builder = join(dirname(createRequire(import.meta.url).resolve('electron-builder/package.json')), 'cli.js')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [builder, '--dir', ...around, `--config.directories.output=${packedFolder}`],
    { cwd: root, encoding: 'utf8' }
  )
  if (status !== 0) throw new Error(`electron-builder ended with ${status}:\n${stdout}\n${stderr}`)
}
