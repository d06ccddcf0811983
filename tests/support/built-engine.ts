import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Builds the engine where its sources are newer. */
export default function setup(): void {
  const root = join(import.meta.dirname, '../..')
  for (const file of ['src-main/tensors/kernels/build.ts', 'src-main/engine/build.ts'])
    execFileSync(process.execPath, [join(root, file)], { stdio: 'inherit' })
}
