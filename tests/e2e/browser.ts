/** The browser that the end-to-end tests drive: one that is installed, never one of Playwright's own downloads. */
import { existsSync } from 'node:fs'
import { aptInstall, mayInstall } from '../support/apt.ts'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe'
]

export function findBrowser(): string | undefined {
  return [process.env.CHROMIUM ?? '', ...places].find((path) => path !== '' && existsSync(path))
}

const isRoot = process.getuid?.() === 0

/** Quiet and alone; Chromium's sandbox does not work for root. */
export const browserArguments: string[] = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/**
 * Find a browser, or install Debian's where we may.
 * @returns its path, or a sentence that says how to get one
 */
export function needBrowser(): { path: string } | { problem: string } {
  const found = findBrowser()
  if (found) return { path: found }
  const how = 'Install Chromium (Debian and Ubuntu: apt-get install chromium), or name one in the variable CHROMIUM.'
  if (!mayInstall) return { problem: `The end-to-end tests need a browser. ${how}` }
  process.stdout.write('No browser found: installing chromium with apt-get.\n')
  const installed = aptInstall('chromium')
  const path = installed ? findBrowser() : undefined
  return path ? { path } : { problem: `apt-get could not install chromium. ${how}` }
}
