/** Start Electron, see whether its window shows, and end it with us. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'

/** What desktop.ts tells `npm start` once there is something of the studio to see: its window, or why it cannot open. */
export const seen = 'seen'

export interface Launched {
  /** Whether the user saw something of the desktop app. */
  seen: boolean
  /** Whether it was told to end by a signal to us. */
  stopped: boolean
  code: number
  /** Why there is no window, as half a sentence with what mends it: where nothing was seen. */
  reason: string
}

const keptCharacters = 64_000
/** How long an app that was told to end may take. */
const graceMs = 10_000

/**
 * Run the desktop app until it ends. It gets a process group of its own, so that Ctrl-C reaches it through us alone and
 * not its engine first; SIGINT, SIGTERM and SIGHUP to us end it and all that it started.
 */
export function launch(executable: string, args: readonly string[]): Promise<Launched> {
  // Inherited from an editor's terminal it would make Electron a plain Node.
  const env = { ...process.env }
  delete env.ELECTRON_RUN_AS_NODE
  const grouped = process.platform !== 'win32'
  const child = spawn(executable, args, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'], detached: grouped, env })
  let said = ''
  let [wasSeen, stopped] = [false, false]
  child.stderr!.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk)
    said = (said + chunk.toString()).slice(-keptCharacters)
  })
  child.on('message', (message) => void (wasSeen ||= message === seen))
  const kill = (): void => {
    try {
      if (grouped && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      else child.kill('SIGKILL')
    } catch {
      // It is gone already.
    }
  }
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    if (stopped) return kill()
    stopped = true
    child.kill('SIGTERM')
    timer = setTimeout(kill, graceMs)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  return new Promise((resolve) => {
    const end = (code: number, reason: string): void => {
      clearTimeout(timer)
      for (const signal of signals) process.off(signal, stop)
      resolve({ seen: wasSeen || code === 0, stopped, code, reason })
    }
    child.once('error', (error) => end(1, `Electron did not start: ${error.message}`))
    // What an app that crashed had started ends with it; after a good end only a browser with an opened link may be left.
    child.once('exit', (code) => void (code !== 0 && grouped && kill()))
    child.once('close', (code, signal) =>
      end(code ?? 1, whyItEnded(said, executable, signal ? `signal ${signal}` : `exit code ${code}`))
    )
  })
}

type Cause = [said: RegExp, reason: (found: RegExpExecArray, executable: string) => string]

/** In the words of Chromium, Electron and the dynamic linker; with what mends it. */
const causes: readonly Cause[] = [
  [
    /No usable sandbox!|SUID sandbox helper binary was found, but is not configured correctly/,
    (_, executable) => {
      const helper = `'${join(dirname(executable), 'chrome-sandbox').replaceAll("'", String.raw`'\''`)}'`
      return `this system does not let Electron’s sandbox start; once and for all: sudo chown root ${helper} && sudo chmod 4755 ${helper}`
    }
  ],
  [
    /error while loading shared libraries: (\S+?):/,
    ([, library]) =>
      `the library ${library} is missing; Debian and Ubuntu bring all that Electron needs with: sudo apt-get install libgtk-3-0 libnss3 libgbm1 libasound2 libxss1 libnotify4`
  ],
  [
    /version `(GLIBC\S*)' not found/,
    ([, version]) =>
      `this system’s C library is older than ${version}, which Electron needs; a newer distribution has it`
  ],
  [
    /Missing X server|[Uu]nable to open X display|Failed to connect to Wayland display|The platform failed to initialize/,
    () => {
      const { DISPLAY, WAYLAND_DISPLAY } = process.env
      const display = DISPLAY ? `DISPLAY=${DISPLAY}` : `WAYLAND_DISPLAY=${WAYLAND_DISPLAY ?? 'wayland-0'}`
      return `nothing answers at ${display}; start from a terminal of the desktop session, or log in with ssh -X`
    }
  ]
]

/** Why Electron ended before its window was there, from what it wrote. */
export function whyItEnded(said: string, executable: string, how: string): string {
  for (const [pattern, reason] of causes) {
    const found = pattern.exec(said)
    if (found) return reason(found, executable)
  }
  const last = said.trim().split('\n').at(-1)?.slice(0, 300)
  return `Electron ended before its window was there (${how}${last ? `: ${last}` : ''})`
}
