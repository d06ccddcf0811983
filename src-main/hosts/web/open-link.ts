/** Open the studio's link in the system's browser. */
import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * The browser is given a file that only this user can read and that leads to the link: a program's arguments, and so a
 * link among them, can be read by everyone on the machine.
 * @param snaps where snap installs: a browser from there sees no /tmp, but what lies openly in the home folder
 * @returns whether something took it
 */
export async function openLink(link: string, snaps = '/snap/bin'): Promise<boolean> {
  const folder = await mkdtemp(join(existsSync(snaps) ? homedir() : tmpdir(), 'engram-studio-link-'))
  const page = join(folder, 'open.html')
  await writeFile(page, `<!doctype html><meta http-equiv="refresh" content="0; url=${link}">`, { mode: 0o600 })
  const opened = await open(pathToFileURL(page).href)
  setTimeout(() => void rm(folder, { recursive: true, force: true }), 60_000).unref()
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return opened
}

/** An opener that has not failed by then has handed the file on, or is the browser itself. */
const patienceMs = 3000

function open(address: string): Promise<boolean> {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address]
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true })
    const timer = setTimeout(() => resolve(true), patienceMs)
    const end = (opened: boolean): void => {
      clearTimeout(timer)
      resolve(opened)
    }
    child.once('error', () => end(false))
    child.once('exit', (code) => end(code === 0))
    child.unref()
  })
}
