/** `serve` at a terminal: print the link, hand out another on Enter, end cleanly on Ctrl-C. */
import { keepElsewhere, keptText, unsavedPlaces } from '../unsaved.ts'
import { startServer, type RunningServer, type ServeOptions } from './serve.ts'

/** Serve until the process is told to stop. @param opened what to do with the first link, besides printing it */
export async function serveAtTerminal(
  options: ServeOptions,
  opened: (server: RunningServer) => Promise<void> = async () => {}
): Promise<void> {
  const server = await startServer(options)
  const show = (link: string): void => void process.stdout.write(`Engram Studio: ${link}\n`)
  show(server.url)
  process.stderr.write(
    `From another machine: ssh -L ${server.port}:127.0.0.1:${server.port} HOST, then open the link there. ` +
      'A link lets one browser in; press Enter for another, Ctrl-C to stop.\n'
  )
  if (process.stdin.isTTY) process.stdin.on('data', () => show(server.newLink()))
  await opened(server)
  await new Promise<void>((stop) => {
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    process.once('SIGHUP', stop)
  })
  process.stdin.pause()
  const { unsaved } = await server.close()
  for (const file of unsaved) process.stderr.write(`${keptText(file, keepElsewhere(file, unsavedPlaces()))}\n`)
}
