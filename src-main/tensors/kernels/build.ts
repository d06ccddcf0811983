/**
 * Compiles assembly/slots.ts to out/kernels/, with relaxed SIMD and without: the loader takes the first that this
 * machine's engine accepts. Silent, and does nothing while the outputs are newer than their sources.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const here = import.meta.dirname
const sources = join(here, 'assembly')
const target = join(here, '../../../out/kernels')
const variants = { 'slots-relaxed.wasm': ['simd', 'relaxed-simd'], 'slots.wasm': ['simd'] }

const changed = Math.max(
  ...[join(here, 'build.ts'), ...readdirSync(sources).map((file) => join(sources, file))].map(
    (file) => statSync(file).mtimeMs
  )
)
const fresh = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > changed

const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js')
for (const [name, features] of Object.entries(variants)) {
  const output = join(target, name)
  if (fresh(output)) continue
  mkdirSync(target, { recursive: true })
  // Written beside and moved into place: another process may be loading it.
  const written = `${output}.${process.pid}`
  execFileSync(
    process.execPath,
    [
      compiler,
      join(sources, 'slots.ts'),
      // The runtime called stub only allocates: kernels bring no garbage collector.
      ...['--outFile', written, '-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--importMemory'],
      ...features.flatMap((feature) => ['--enable', feature])
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] }
  )
  renameSync(written, output)
}
