/** `npm start`: the desktop window where there can be one, otherwise the same studio in the browser. */
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultDataFolder } from './hosts/data-folder.ts'
import { findDesktop, thisMachine } from './hosts/desktop/runtime.ts'
import { outcome } from './hosts/terminal/outcome.ts'

const { values } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string' }, models: { type: 'string' } }
})
const desktop = findDesktop(thisMachine())

if ('executable' in desktop) {
  const app = spawn(desktop.executable, [join(import.meta.dirname, '..'), ...process.argv.slice(2)], {
    stdio: 'inherit'
  })
  app.once('exit', (code) => process.exit(code ?? 1))
} else {
  process.stderr.write(`No desktop window: ${desktop.reason}. The studio opens in the browser instead.\n`)
  await outcome(async () => {
    const { serveAtTerminal } = await import('./hosts/web/run.ts')
    const { openLink } = await import('./hosts/web/open-link.ts')
    const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
    await serveAtTerminal(
      {
        port: Number(values.port ?? 0),
        dataFolder: values.data ?? defaultDataFolder(),
        ...(values.models !== undefined && { modelFolder: resolve(values.models) })
      },
      async (server) => {
        if (display) await openLink(server.url)
      }
    )
  })
}
