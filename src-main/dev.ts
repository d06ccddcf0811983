/**
 * `npm run dev`: the studio while its page is being worked on. In the desktop window where Electron's runtime is
 * installed, else in the browser: Vite serves the page and loads it anew as its sources change, and hands what the page
 * asks of the studio on to the real server.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { createServer, type ProxyOptions } from 'vite'
import config from '../electron.vite.config.ts'
import { defaultDataFolder } from './hosts/data-folder.ts'
import { findDesktop, thisMachine } from './hosts/desktop/runtime.ts'
import { ownCode, ownCodeArguments } from './hosts/own-code.ts'
import { readArguments } from './hosts/terminal/arguments.ts'
import { outcome, print } from './hosts/terminal/outcome.ts'
import { startServer } from './hosts/web/serve.ts'

/**
 * What Vite hands on to the studio. The studio takes calls from its own origin alone, so the origin of Vite's page is
 * written as the studio's; any other stays what it is and is refused.
 */
function proxyTo(studio: string): Record<string, ProxyOptions> {
  const own = (page: string | undefined, host: string | undefined): boolean => page === `http://${host}`
  return {
    '/socket': {
      target: studio,
      ws: true,
      configure: (proxy) =>
        proxy.on('proxyReqWs', (request, { headers }) => {
          request.setHeader('host', new URL(studio).host)
          if (own(headers.origin, headers.host)) request.setHeader('origin', studio)
        })
    }
  }
}

async function inBrowser(folders: { dataFolder: string } & ReturnType<typeof ownCode>): Promise<void> {
  const server = await startServer(folders)
  const studio = new URL(server.url).origin
  const page = await createServer({
    ...config.renderer,
    configFile: false,
    clearScreen: false,
    logLevel: 'warn',
    server: { host: '127.0.0.1', proxy: proxyTo(studio) }
  })
  await page.listen()
  const address = page.resolvedUrls!.local[0]
  process.stdout.write(`Engram Studio, reloading: ${address}${new URL(server.url).hash}\n`)
  await new Promise<void>((stop) => {
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
  })
  await page.close()
  await server.close()
}

await outcome(async () => {
  const values = readArguments({
    data: { type: 'string' },
    models: { type: 'string' },
    python: { type: 'string' },
    help: { type: 'boolean', short: 'h' }
  })
  if (values.help)
    return print(`Usage: npm run dev [-- --data DIR --models DIR --python PROGRAM]

The data folder is else ${defaultDataFolder()}`)
  const dataFolder = resolve(values.data ?? defaultDataFolder())
  const desktop = findDesktop(thisMachine())
  if ('reason' in desktop) {
    process.stderr.write(`In the browser: ${desktop.reason}.\n`)
    return inBrowser({ dataFolder, ...ownCode(values) })
  }
  const require = createRequire(import.meta.url)
  const program = join(dirname(require.resolve('electron-vite/package.json')), 'bin/electron-vite.js')
  const folders = ['--data', dataFolder, ...ownCodeArguments(values)]
  const { status } = spawnSync(process.execPath, [program, 'dev', '--', ...desktop.switches, ...folders], {
    stdio: 'inherit',
    cwd: join(import.meta.dirname, '..')
  })
  process.exitCode = status ?? 1
})
