/** Open the studio's link in the system's browser. */
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openAddress } from '../open.ts'

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
  const opened = await openAddress(pathToFileURL(page).href)
  setTimeout(() => void rm(folder, { recursive: true, force: true }), 60_000).unref()
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return opened
}
