/** The Pythons of this machine, for tests: a plain one, and one that has torch. */
import { aptInstall, mayInstall } from './apt.ts'
import { findPython, type FoundPython } from '../../src-main/engine/python/interpreter.ts'
import { pythonSettingsSchema, type PythonSettings } from '../../src-shared/shapes/python.ts'

const settings = (change: Partial<PythonSettings>): PythonSettings => pythonSettingsSchema.parse(change)

/** @throws Error where there is no Python at all */
export async function plainPython(change: Partial<PythonSettings> = {}): Promise<FoundPython> {
  const found = await findPython(settings({ interpreter: 'python3', ...change }), 2)
  if ('missing' in found) throw new Error(found.missing)
  return found
}

/** Undefined where no Python has torch: the reason stands in the name of what is skipped. */
export async function torchPython(change: Partial<PythonSettings> = {}): Promise<FoundPython | undefined> {
  const found = await findPython(settings(change), 2)
  return 'info' in found && found.info.torch !== null ? found : undefined
}

/** Install Debian's torch where no Python has one and that is allowed. @returns what is skipped without it */
export async function needTorch(): Promise<string | undefined> {
  if (await torchPython()) return undefined
  if (mayInstall) {
    process.stdout.write('No Python here has torch: installing python3-torch with apt-get.\n')
    if (aptInstall('python3-torch') && (await torchPython())) return undefined
  }
  return 'No Python here has torch (Debian and Ubuntu: apt-get install python3-torch): tests of PyTorch modules are skipped.'
}

/** What follows the name of tests that are skipped without torch. */
export const torchReason = (found: FoundPython | undefined): string =>
  found ? '' : ' (skipped: no Python here has torch; Debian’s package is python3-torch)'
