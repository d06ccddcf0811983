/** The Pythons of this machine, for tests: a plain one, and one that has torch. */
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

/** What follows the name of tests that are skipped without torch. */
export const torchReason = (found: FoundPython | undefined): string =>
  found ? '' : ' (skipped: no Python here has torch; Debian’s package is python3-torch)'
