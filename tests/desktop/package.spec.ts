import { expect, test } from '@playwright/test'
import { listPackage } from '@electron/asar'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { importsOf } from './pe-imports.ts'
import { obstacle, resources, root } from './stand-in/pack.ts'

test.skip(obstacle !== undefined, obstacle)

/** All that may lie in the archive. */
const allowed = [
  /^(package\.json|LICENSE|CHANGELOG\.md)$/,
  /^out\/main\/(desktop\.js|exporter\.js|reader\.js|chunks\/[\w-]+\.js|third-party\.txt)$/,
  /^out\/preload\/preload\.cjs$/,
  /^out\/renderer\/(index\.html|third-party\.txt|assets\/[\w.-]+\.(js|css|woff2?|ttf|svg|png))$/,
  /^resources\/(icon\.(png|svg)|commit\.txt)$/,
  /^resources\/(experiments|suites|predictions|measured)\/[\w-]+\.json$/,
  /^resources\/templates\/model\.(py|ts)$/,
  /^resources\/guide\/(chapters\/)?[\w-]+\.(md|png)$/,
  /^resources\/reference\/[\w-]+\.json\.gz$/,
  /^node_modules\/better-sqlite3\/(LICENSE|package\.json|lib\/[\w/-]+\.js|prebuilds\/[\w-]+\.node)$/,
  /^node_modules\/@napi-rs\/keyring(-[\w-]+)?\/(LICENSE[\w.-]*|package\.json|index\.js|keyring\.[\w-]+\.node)$/
]

const bytes = (files: readonly string[]): number => files.reduce((sum, file) => sum + statSync(file).size, 0)
const filesIn = (folder: string): string[] =>
  globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

test('the archive holds what is on its list, and nothing else', () => {
  const names = listPackage(join(resources, 'app.asar'), { isPack: false }).map((name) =>
    name.replaceAll('\\', '/').slice(1)
  )
  const folders = new Set(names.flatMap((name) => name.split('/').map((_, at, parts) => parts.slice(0, at).join('/'))))
  const files = names.filter((name) => !folders.has(name))
  expect(files.filter((name) => !allowed.some((pattern) => pattern.test(name)))).toEqual([])
  for (const name of [
    'LICENSE',
    'out/main/desktop.js',
    'out/preload/preload.cjs',
    'out/renderer/index.html',
    'resources/commit.txt'
  ])
    expect(files).toContain(name)
  const keyring = `node_modules/@napi-rs/keyring-${process.platform}-${process.arch}`
  expect(files.filter((name) => name.endsWith('.node')).sort()).toEqual([
    expect.stringContaining(keyring),
    `node_modules/better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`
  ])
})

test('beside the archive lie the engine and a Node, and all but the Node is small', () => {
  expect(filesIn(join(resources, 'engine'))).toEqual(
    expect.arrayContaining([
      join(resources, 'engine/process.js'),
      join(resources, 'engine/python/engram_bridge.py'),
      join(resources, 'engine/wasm/tfjs-backend-wasm-simd.wasm')
    ])
  )
  const node = join(resources, 'node', process.platform === 'win32' ? 'node.exe' : 'node')
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/node/package.json'), 'utf8'))
  expect(stdout.trim()).toBe(`v${version}`)
  const own = filesIn(resources).filter((file) => !file.startsWith(join(resources, 'node')))
  expect(bytes(own)).toBeLessThan(60 * 2 ** 20)
})

test('every file that was built is a program that Node can read', () => {
  test.setTimeout(120_000)
  const files = [
    ...globSync('out/{main,preload}/**/*.{js,cjs}', { cwd: root }),
    ...globSync('out/engine/**/*.js', { cwd: root })
  ]
  expect(files.length).toBeGreaterThan(8)
  const broken = files.filter((file) => spawnSync(process.execPath, ['--check', join(root, file)]).status !== 0)
  expect(broken).toEqual([])
})

test('the packages for Debian and Windows have the names and addresses that they need', () => {
  const { homepage, author, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(new URL(homepage).protocol).toBe('https:')
  expect(author).toMatchObject({ name: expect.any(String), email: expect.stringMatching(/^\S+@\S+$/) })
  expect(description).toEqual(expect.any(String))
})

test('on Windows no module that Electron loads needs what only node.exe has; what Dawn needs of it, our Node has', () => {
  const modules = (pattern: string): string[] => globSync(pattern, { cwd: join(root, 'node_modules') })
  const sqlite = modules('better-sqlite3/prebuilds/win32-*.node')
  const dawn = modules('webgpu/dist/win32-*/dawn.node')
  expect([sqlite.length, dawn.length]).toEqual([2, 2])
  const imports = (file: string): string[] => importsOf(readFileSync(join(root, 'node_modules', file)))
  for (const file of sqlite) expect(imports(file), file).not.toContain('node.exe')
  // The engine runs in a program of that name: src-main/engine/process/launch.ts.
  for (const file of dawn) expect(imports(file), file).toContain('node.exe')
})
