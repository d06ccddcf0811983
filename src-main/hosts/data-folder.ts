import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { storeFile } from '../store/file.ts'

/** Where the studio keeps its data unless told otherwise: the same folder for the desktop, serve and the CLI. */
export function defaultDataFolder(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
  exists: (path: string) => boolean = existsSync
): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Engram Studio')
  if (platform === 'win32') {
    const local = join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Engram Studio')
    // A roaming profile is copied over the network at every log-on; a history that lies in one already stays there.
    const roaming = join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'Engram Studio')
    return !exists(storeFile(local)) && exists(storeFile(roaming)) ? roaming : local
  }
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'engram-studio')
}

/** Where a worker keeps what batches need, beside the data of a studio on the same machine. */
export const defaultWorkerFolder = (): string => `${defaultDataFolder()}-worker`
