/**
 * Builds out/engine/: the one engine that desktop, serve and the command line start, whole in itself. Everything is
 * bundled, tfjs as far as it is used; beside the bundle lie the WebAssembly files, the kernels and the native module of
 * this platform. Silent, and does nothing while the outputs are newer than their sources.
 */
import { cpSync, existsSync, globSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { programs } from './process/programs.ts'

const root = resolve(import.meta.dirname, '../..')
const target = join(root, 'out/engine')
const require = createRequire(import.meta.url)

/** Native modules stay what they are. TensorFlow's own library is a package that the user may add. */
const external = ['webgpu', '@tensorflow/tfjs-node-gpu']

const newest = (patterns: string[]): number =>
  Math.max(...globSync(patterns, { cwd: root }).map((file) => statSync(join(root, file)).mtimeMs))

function isFresh(): boolean {
  const built = statSync(join(target, 'process.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return built > newest(['src-main/**/*.ts', 'src-shared/**/*.ts', 'resources/python/*', 'package-lock.json'])
}

/** A folder that is filled beside and moved into place: another process may be starting from it. */
async function bundle(): Promise<void> {
  const fresh = `${target}.${process.pid}`
  rmSync(fresh, { recursive: true, force: true })
  // Half a second to load: only where there is something to build.
  const { build } = await import('vite')
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    // The browser's own backend is the one part of the union package that nothing here can use.
    resolve: { alias: { '@tensorflow/tfjs-backend-webgl': join(import.meta.dirname, 'no-webgl.ts') } },
    // Emscripten's glue is CommonJS.
    define: { __dirname: 'import.meta.dirname' },
    ssr: { noExternal: true, external },
    build: {
      ssr: true,
      target: 'node22',
      outDir: fresh,
      minify: false,
      rollupOptions: {
        input: Object.fromEntries(Object.entries(programs).map(([name, file]) => [name, join(root, file)])),
        external,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'parts/[name]-[hash].js' }
      }
    }
  })
  copyWasm(join(fresh, 'wasm'))
  copyDawn(join(fresh, 'node_modules/webgpu'))
  writeFileSync(join(fresh, 'package.json'), '{ "type": "module" }\n')
  cpSync(join(root, 'out/kernels'), join(fresh, 'kernels'), { recursive: true })
  cpSync(join(root, 'resources/python'), join(fresh, 'python'), { recursive: true })
  const old = `${target}.${process.pid}.old`
  if (existsSync(target)) renameSync(target, old)
  renameSync(fresh, target)
  rmSync(old, { recursive: true, force: true })
}

function copyWasm(to: string): void {
  const from = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))
  mkdirSync(to, { recursive: true })
  for (const name of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) cpSync(join(from, name), join(to, name))
}

/** Dawn brings its binaries for every platform; a build is for one. */
function copyDawn(to: string): void {
  const from = dirname(require.resolve('webgpu'))
  const platform = process.platform === 'darwin' ? 'darwin-universal' : `${process.platform}-${process.arch}`
  if (!existsSync(join(from, 'dist', platform))) return
  for (const name of ['package.json', 'index.js', 'LICENSE.md', join('dist', platform)])
    cpSync(join(from, name), join(to, name), { recursive: true })
}

if (!isFresh()) await bundle()
