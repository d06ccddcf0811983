/**
 * `npm run bench -- NAME [--quick] [--json] [--save] [--minutes N]`: runs tests/bench/NAME.ts; without a name it lists what there is. With `--save`
 * what it found is kept in resources/measured/NAME.json, and the README and the reference say it. What keeps to a time takes N
 * minutes with `--minutes`.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { saveResult } from '../support/bench-claims.ts'
import type { BenchResult } from '../support/bench-results.ts'

export interface BenchOptions {
  /** Fewer repetitions and backends. */
  quick: boolean
  /** Only the JSON, on stdout. */
  json: boolean
  /** For what keeps to a time: another than its own. */
  minutes?: number
  /** What else was given: names to restrict the bench to. */
  only: string[]
}

const [name, ...given] = process.argv.slice(2)
const at = given.indexOf('--minutes')
const minutes = at < 0 ? undefined : Number(given[at + 1])
const rest = given.filter((_, i) => at < 0 || i < at || i > at + 1)
const here = import.meta.dirname
const known = readdirSync(here)
  .filter((file) => file.endsWith('.ts') && !/^(run|gpu-rounds|generate-.*|.*-child)\.ts$/.test(file))
  .map((file) => file.slice(0, -3))
const usage = `usage: npm run bench -- ${known.join(' | ')} [--quick] [--json] [--save] [--minutes N] [only these ...]`
if ([name, ...rest].some((word) => word === '--help' || word === '-h')) {
  console.log(usage)
  process.exit(0)
}
const unknown = rest.find((word) => word.startsWith('-') && !['--quick', '--json', '--save'].includes(word))
if (unknown || !name || !known.includes(name) || !existsSync(join(here, `${name}.ts`))) {
  console.error(unknown ? `There is no option ${unknown}.\n${usage}` : usage)
  process.exit(2)
}
if (minutes !== undefined && !(minutes > 0)) {
  console.error('--minutes takes a number above 0.')
  process.exit(2)
}
if (rest.includes('--save') && rest.some((word) => !word.startsWith('-'))) {
  console.error('A part is not kept: leave --save or the names out.')
  process.exit(2)
}
const { bench } = (await import(`./${name}.ts`)) as { bench: (options: BenchOptions) => Promise<BenchResult | void> }
const result = await bench({
  quick: rest.includes('--quick'),
  json: rest.includes('--json'),
  ...(minutes !== undefined && { minutes }),
  only: rest.filter((word) => !word.startsWith('--'))
})
if (result) {
  console.log(JSON.stringify(result))
  if (rest.includes('--save')) await saveResult(result)
}
process.exit(0)
