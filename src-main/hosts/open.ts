/** Hand something to the program that the system opens it with. */
import { spawn } from 'node:child_process'

const { platform } = process

/** An address in the browser. @returns whether something took it */
export const openAddress = (address: string): Promise<boolean> =>
  launch(
    platform === 'darwin'
      ? ['open', address]
      : platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address]
  )

/** A text file in an editor; never in what would run it. @returns whether something took it */
export const openInEditor = (file: string): Promise<boolean> =>
  launch(platform === 'darwin' ? ['open', '-t', file] : platform === 'win32' ? ['notepad', file] : ['xdg-open', file])

/** An opener that has not failed by then has handed the file on, or is the program itself. */
const patienceMs = 3000

function launch([command, ...args]: readonly string[]): Promise<boolean> {
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
