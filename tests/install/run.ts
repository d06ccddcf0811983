/**
 * `npm run try-install [-- NODE [NPM]]`: install and start the studio as a newcomer would, with every Node and npm of a
 * table (or those whose versions start so), and print what came of it. It needs the registry; a row takes a minute.
 */
import { tryRow, type Row } from './try-install.ts'

export const tooOld = /^(npm (error|ERR!) )?Engram Studio needs Node 22\.18 or newer: npm ran on Node /

export const rows: readonly Row[] = [
  { node: '18.20.8', npm: '9.9.4', from: 'clone', refusal: tooOld },
  { node: '20.18.3', npm: '10.9.9', from: 'clone', refusal: tooOld },
  { node: '20.19.6', npm: '9.9.4', from: 'archive' },
  { node: '20.19.6', npm: '10.9.9', from: 'clone' },
  { node: '22.23.3', npm: '10.9.9', from: 'clone' },
  { node: '22.18.0', npm: '10.9.9', from: 'archive', ownNode: true },
  { node: '22.23.3', npm: '11.6.4', from: 'archive' },
  { node: '22.23.3', npm: '11.21.2', from: 'clone' },
  { node: '22.23.3', npm: '12.2.2', from: 'archive' },
  { node: '24.21.0', npm: '10.9.9', from: 'archive' },
  { node: '24.21.0', npm: '11.6.4', from: 'clone' },
  { node: '24.21.0', npm: '11.21.2', from: 'archive' },
  { node: '24.21.0', npm: '12.2.2', from: 'clone' },
  { node: '26.10.0', npm: '11.21.2', from: 'clone' },
  { node: '26.10.0', npm: '12.2.2', from: 'archive' }
]

const [node = '', npm = ''] = process.argv.slice(2)
const chosen = rows.filter((row) => row.node.startsWith(node) && row.npm.startsWith(npm))
let failed = 0
process.stdout.write('node      npm       from      outcome\n')
for (const row of chosen) {
  const started = performance.now()
  const { ok, said } = await tryRow(row)
  if (!ok) failed++
  const from = row.ownNode ? 'no node' : row.from
  const seconds = Math.round((performance.now() - started) / 1000)
  process.stdout.write(
    `${row.node.padEnd(10)}${row.npm.padEnd(10)}${from.padEnd(10)}${ok ? 'ok' : 'FAILED'}: ${said} (${seconds} s)\n`
  )
}
process.stdout.write(`${chosen.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
