/** Open the studio's link in the system's browser. */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * The browser is given a file that only this user can read and that leads to the link: a program's arguments, and so a
 * link among them, can be read by everyone on the machine.
 * @returns whether there was something to open it with
 */
export async function openLink(link: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'engram-'))
  const page = join(folder, 'open.html')
  await writeFile(page, `<!doctype html><meta http-equiv="refresh" content="0; url=${link}">`, { mode: 0o600 })
  const opened = await open(pathToFileURL(page).href)
  setTimeout(() => void rm(folder, { recursive: true, force: true }), 60_000).unref()
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return opened
}

function open(address: string): Promise<boolean> {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address]
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
