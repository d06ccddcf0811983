/**
 * `npm run bench -- NAME [--quick] [--json] [--save]`: runs tests/bench/NAME.ts; without a name it lists what there is. With `--save`
 * what it found is kept in resources/measured/NAME.json, and the README and the reference say it.
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
  /** What else was given: names to restrict the bench to. */
  only: string[]
}

const [name, ...rest] = process.argv.slice(2)
const here = import.meta.dirname
const known = readdirSync(here)
  .filter((file) => file.endsWith('.ts') && !/^(run|gpu-rounds|generate-.*|.*-child)\.ts$/.test(file))
  .map((file) => file.slice(0, -3))
const usage = `usage: npm run bench -- ${known.join(' | ')} [--quick] [--json] [--save] [only these ...]`
if ([name, ...rest].some((word) => word === '--help' || word === '-h')) {
  console.log(usage)
  process.exit(0)
}
const unknown = rest.find((word) => word.startsWith('-') && !['--quick', '--json', '--save'].includes(word))
if (unknown || !name || !known.includes(name) || !existsSync(join(here, `${name}.ts`))) {
  console.error(unknown ? `There is no option ${unknown}.\n${usage}` : usage)
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
  only: rest.filter((word) => !word.startsWith('--'))
})
if (result) {
  console.log(JSON.stringify(result))
  if (rest.includes('--save')) await saveResult(result)
}
process.exit(0)
