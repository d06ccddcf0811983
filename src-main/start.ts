/** `npm start`: the desktop window where there can be one, otherwise the same studio in the browser. */
import { join, resolve } from 'node:path'
import { StudioError } from '../src-shared/shapes/errors.ts'
import { defaultDataFolder } from './hosts/data-folder.ts'
import { launch } from './hosts/desktop/launch.ts'
import { fetchRuntime, findDesktop, thisMachine } from './hosts/desktop/runtime.ts'
import { ownCode, ownCodeArguments, type OwnCode } from './hosts/own-code.ts'
import { buildIfStale } from './hosts/packaging/stale.ts'
import { readArguments } from './hosts/terminal/arguments.ts'
import { outcome, print } from './hosts/terminal/outcome.ts'
import { plain } from './hosts/terminal/text.ts'

const usage = `Usage: npm start -- [options]

Opens Engram Studio: a desktop window where there can be one, otherwise the browser.

  --data DIR   the data folder (else ${defaultDataFolder()})
  --browser    in the browser, whatever there is
  --models DIR a folder of your own models; the code in it is run
  --python PROGRAM  the Python that runs those in Python
  --port N     in the browser, on this port instead of any free one
  --fetch      try to fetch Electron's runtime again, though it failed today
  --help       this text`

interface Options extends OwnCode {
  data: string
  browser: boolean
  port: number
  fetch: boolean
}

/** @throws StudioError bad-input */
function readOptions(): Options | 'help' {
  const values = readArguments({
    data: { type: 'string' },
    models: { type: 'string' },
    python: { type: 'string' },
    port: { type: 'string' },
    browser: { type: 'boolean', default: false },
    fetch: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false }
  })
  if (values.help) return 'help'
  const { data, models, python, port = '0', browser, fetch } = values
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new StudioError('bad-input', 'It must be a whole number from 0 to 65535.', { field: '--port' })
  return {
    data: resolve(data ?? defaultDataFolder()),
    ...(models !== undefined && { models }),
    ...(python !== undefined && { python }),
    browser: browser || values.port !== undefined,
    port: Number(port),
    fetch
  }
}

/** The window; @returns why there was none, as half a sentence, or undefined when there was one */
async function inWindow(options: Options): Promise<string | undefined> {
  let desktop = findDesktop(thisMachine())
  if ('missing' in desktop && desktop.missing) {
    const reason = await fetchRuntime({ again: options.fetch })
    if (reason) return reason
    desktop = findDesktop(thisMachine())
  }
  if ('reason' in desktop) return desktop.reason
  const root = join(import.meta.dirname, '..')
  const folders = ['--data', options.data, ...ownCodeArguments(options)]
  const launched = await launch(desktop.executable, [...desktop.switches, root, ...folders])
  if (!launched.seen && !launched.stopped) return launched.reason
  process.exitCode = launched.code
  return undefined
}

async function inBrowser({ port, data, ...own }: Options): Promise<void> {
  const { serveAtTerminal } = await import('./hosts/web/run.ts')
  const { openLink } = await import('./hosts/web/open-link.ts')
  const { platform, env } = process
  const display = platform !== 'linux' || env.DISPLAY || env.WAYLAND_DISPLAY
  await serveAtTerminal({ port, dataFolder: data, ...ownCode(own) }, async (server) => {
    const opened = display ? await openLink(server.url) : false
    process.stderr.write(opened ? 'The studio opens in the browser.\n' : 'Open the link in a browser.\n')
  })
}

await outcome(async () => {
  const options = readOptions()
  if (options === 'help') return print(usage)
  buildIfStale()
  if (!options.browser) {
    const reason = await inWindow(options)
    if (reason === undefined) return
    process.stderr.write(`No desktop window: ${plain(reason)}.\n`)
  }
  await inBrowser(options)
})
