/** What happens to a damaged or missing store: what is there is kept under another name and the newest good backup takes its place. */
import { basename } from 'node:path'
import { checkFile, fileTime, listBackups } from './backup.ts'
import type { StorePort } from './port.ts'

const restoringName = (path: string): string => `${path}.restoring`

/** @returns what the user is told */
export function repair(port: StorePort, folder: string, path: string, latestVersion: number, now: Date): string {
  const keptAs = `${path.replace(/\.sqlite$/, '')}-damaged-${fileTime(now)}.sqlite`
  const good = listBackups(port, folder).find((backup) => {
    const found = checkFile(port, backup.path, latestVersion)
    return found !== undefined && found.version <= latestVersion
  })
  // The copy is made before the damaged file moves: a crash in between leaves the old state, not an empty one.
  const restoring = restoringName(path)
  if (good) {
    port.remove(restoring)
    port.makePrivate(restoring)
    port.copy(good.path, restoring)
    port.sync(restoring)
  }
  const missing = !port.exists(path)
  for (const suffix of ['-wal', '-shm', '']) if (port.exists(path + suffix)) port.rename(path + suffix, keptAs + suffix)
  if (good) port.rename(restoring, path)
  port.sync(folder)
  const kept = missing ? 'The data file was missing.' : `The data file was damaged and is kept as ${basename(keptAs)}.`
  return good
    ? `${kept} The backup of ${good.time.toISOString()} was restored; what was stored after that time is ${missing ? 'lost' : 'only in the damaged file'}.`
    : `${kept} There was no good backup, so the studio starts with an empty history.`
}

/** A repair that was cut off after the damaged file had moved: its copy of the backup is whole, so it takes the place. */
export function finishRepair(port: StorePort, folder: string, path: string): string | undefined {
  if (!port.exists(restoringName(path))) return undefined
  port.rename(restoringName(path), path)
  port.sync(folder)
  return 'The data file was damaged; it is kept in the data folder, and the newest good backup was restored.'
}
