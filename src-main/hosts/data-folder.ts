import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the studio keeps its data unless told otherwise: the same folder for the desktop, serve and the CLI. */
export function defaultDataFolder(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home: string = homedir()
): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Engram Studio')
  if (platform === 'win32') return join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'Engram Studio')
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'engram-studio')
}
