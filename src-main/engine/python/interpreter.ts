/** Which Python runs the researcher's models. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pythonInfoSchema, type PythonInfo, type PythonSettings } from '../../../src-shared/shapes/python.ts'
import { StudioError, toErrorData } from '../../../src-shared/shapes/errors.ts'
import { findEngine } from '../process/launch.ts'
import { programFile } from '../process/programs.ts'
import { PythonProcess, type PythonOptions } from './process.ts'

const onWindows = process.platform === 'win32'

/**
 * What to try, in this order: what was chosen (the setting, the variable ENGRAM_PYTHON, else
 * the active environment), then what is installed.
 */
export function candidates(
  { interpreter }: Pick<PythonSettings, 'interpreter'>,
  env = process.env
): { chosen: string[][]; installed: string[][] } {
  const named = interpreter.trim() || env.ENGRAM_PYTHON?.trim()
  if (named) return { chosen: [[named]], installed: [] }
  const place = onWindows ? ['python.exe'] : ['bin', 'python3']
  const active = [
    env.VIRTUAL_ENV && join(env.VIRTUAL_ENV, ...(onWindows ? ['Scripts', 'python.exe'] : place)),
    env.CONDA_PREFIX && join(env.CONDA_PREFIX, ...place)
  ].filter((file): file is string => !!file && existsSync(file))
  // The system's own may have torch where a version manager's comes first on the PATH and has not.
  const more = onWindows ? [['py', '-3']] : [['/usr/bin/python3']]
  return { chosen: active.map((file) => [file]), installed: [['python3'], ['python'], ...more] }
}

/** Beside the built engine, also where this is a part of several. */
export function bridgeFile(): string {
  const name = 'engram_bridge.py'
  const near = ['.', '..'].map((place) => join(import.meta.dirname, place, 'python', name))
  return near.find((file) => existsSync(file)) ?? join(findEngine(), 'python', name)
}

/** A share of the memory that leaves the studio its own. */
const memoryBytes = ({ memoryMiB }: PythonSettings, workers: number): number =>
  memoryMiB > 0 ? memoryMiB * 2 ** 20 : Math.max(2 ** 30, Math.floor((0.7 * totalmem()) / Math.max(1, workers)))

export interface FoundPython {
  info: PythonInfo
  options: PythonOptions
}

/**
 * The first chosen one that can run the bridge; else the first installed one that has torch, or just runs. Else what to
 * do, with why each did not.
 */
export async function findPython(
  settings: PythonSettings,
  workers: number
): Promise<FoundPython | { missing: string }> {
  const why: string[] = []
  const { chosen, installed } = candidates(settings)
  let plain: FoundPython | undefined
  for (const command of [...chosen, ...installed]) {
    const options: PythonOptions = {
      command,
      bridge: bridgeFile(),
      line: programFile('python'),
      device: settings.device,
      limitMs: 1000 * settings.limitSeconds,
      memoryBytes: memoryBytes(settings, workers)
    }
    try {
      const found = { info: await ask(options), options }
      if (found.info.torch !== null || chosen.includes(command)) return found
      plain ??= found
    } catch (error) {
      const { code, message, cause } = toErrorData(error)
      // The one that was named, and nothing but its age is wrong.
      if (code === 'not-supported' && installed.length === 0) return { missing: message }
      why.push(`${command.join(' ')}: ${message}${cause ? ` ${cause.split('\n').at(-1)}` : ''}`)
    }
  }
  if (plain) return plain
  return {
    missing: `No Python runs here. Install Python ${oldest} or newer (with torch, for PyTorch modules), or name one in Settings, Python. ${why.join(' ')}`
  }
}

/** What the bridge runs on. */
const oldest = '3.9'

/** @throws StudioError not-supported for one that is too old, model-failed for one that does not run the bridge */
async function ask(options: PythonOptions): Promise<PythonInfo> {
  const python = new PythonProcess(options)
  try {
    const info = pythonInfoSchema.parse(await python.hello())
    checkVersion(options.command, info.python)
    return info
  } catch (error) {
    // The oldest ones cannot even read it.
    checkVersion(options.command, await versionOf(options.command))
    throw error
  } finally {
    python.end()
  }
}

function checkVersion(command: readonly string[], version: string): void {
  const [major, minor] = version.split('.').map(Number)
  const [leastMajor, leastMinor] = oldest.split('.').map(Number)
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    const message = `${command.join(' ')} is Python ${version}, and the models of Python files need ${oldest} or newer.`
    throw new StudioError('not-supported', message)
  }
}

/** No number where it does not say one. */
async function versionOf([program, ...args]: readonly string[]): Promise<string> {
  const code = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
  try {
    const { stdout } = await promisify(execFile)(program, [...args, '-c', code], { timeout: 5000, windowsHide: true })
    return stdout.trim()
  } catch {
    return 'unknown'
  }
}
