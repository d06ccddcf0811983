/** `npm run bench -- NAME [--quick] [--json]`: runs tests/bench/NAME.ts; without a name it lists what there is. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

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
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts' && !/^generate-|-child\.ts$/.test(file))
  .map((file) => file.slice(0, -3))
const usage = `usage: npm run bench -- ${known.join(' | ')} [--quick] [--json] [only these ...]`
if ([name, ...rest].some((word) => word === '--help' || word === '-h')) {
  console.log(usage)
  process.exit(0)
}
const unknown = rest.find((word) => word.startsWith('-') && !['--quick', '--json'].includes(word))
if (unknown || !name || !known.includes(name) || !existsSync(join(here, `${name}.ts`))) {
  console.error(unknown ? `There is no option ${unknown}.\n${usage}` : usage)
  process.exit(2)
}
const { bench } = (await import(`./${name}.ts`)) as { bench: (options: BenchOptions) => Promise<void> }
await bench({
  quick: rest.includes('--quick'),
  json: rest.includes('--json'),
  only: rest.filter((word) => !word.startsWith('--'))
})
process.exit(0)
