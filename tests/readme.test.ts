import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { defaultDataFolder } from '../src-main/hosts/data-folder.ts'
import { satisfies } from '../src-main/guard.js'

vi.setConfig({ testTimeout: 300_000 })

const root = join(import.meta.dirname, '..')
const text = (file: string): string => readFileSync(join(root, file), 'utf8')
const manifest = JSON.parse(text('package.json'))
const readme = text('README.md')
const documents = ['README.md', 'resources/guide/reference.md', 'SECURITY.md']
const data = mkdtempSync(join(tmpdir(), 'engram-readme-'))
afterAll(() => rmSync(data, { recursive: true, force: true }))

describe.each(documents)('%s', (file) => {
  const words = text(file)
  it('links to what is there', () => {
    for (const [, target] of words.matchAll(/\]\(([^)#]+)\)/g))
      if (!target.includes(':')) expect(existsSync(join(root, dirname(file), target)), target).toBe(true)
  })
  it('names files that are there', () => {
    const named = words.matchAll(/`((?:src-main|src-shared|src-renderer|resources|tests|examples)\/[\w./-]+)`/g)
    for (const [, path] of named)
      if (!/\b(NAME|NNN)\b/.test(path)) expect(existsSync(join(root, path)), path).toBe(true)
  })
  it('names scripts that package.json has', () => {
    for (const [, name] of words.matchAll(/npm run (?:-s |--silent )?([\w-]+)/g))
      expect(Object.keys(manifest.scripts), name).toContain(name)
  })
})

describe('the README', () => {
  it('asks for the Node that the guard asks for', () => {
    const least = /Node (\d+\.\d+) or newer/.exec(readme)![1]
    const [major, minor] = least.split('.').map(Number)
    expect(satisfies(`${least}.0`, manifest.engines.node)).toBe(true)
    expect(satisfies(`${major}.${minor - 1}.99`, manifest.engines.node)).toBe(false)
  })

  it('names the data folder of every system', () => {
    const slashes = (path: string): string => path.replaceAll('\\', '/')
    const windows = slashes(/Windows: `%LOCALAPPDATA%(\S.*)`/.exec(readme)![1])
    expect(readme).toContain(`Linux: \`${slashes(defaultDataFolder('linux', {}, '~'))}\``)
    expect(slashes(defaultDataFolder('linux', { XDG_DATA_HOME: '$XDG_DATA_HOME' }, '~'))).toBe(
      /`(\$XDG_DATA_HOME\S+)`/.exec(readme)![1]
    )
    expect(readme).toContain(`macOS: \`${slashes(defaultDataFolder('darwin', {}, '~'))}\``)
    expect(slashes(defaultDataFolder('win32', { LOCALAPPDATA: 'A' }, '~'))).toBe(`A${windows}`)
  })

  it('names every option of npm start, and no other', () => {
    const { stdout } = spawnSync(process.execPath, [join(root, 'src-main/start.ts'), '--help'], { encoding: 'utf8' })
    const offered = [...stdout.matchAll(/^ +(--\w+)/gm)].map(([, name]) => name).sort()
    const paragraph = /`npm start -- --help` lists[^]*?\n\n/.exec(readme)![0]
    expect([...new Set(paragraph.match(/--\w+/g))].sort()).toEqual(offered)
  })

  it('shows a picture of the studio', () => {
    const [, path] = /!\[[^\]]+\]\(([^)]+\.png)\)/.exec(readme)!
    const bytes = readFileSync(join(root, path))
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([1440, 900])
  })

  it('names the example and the backends that there are', () => {
    const quickstart = JSON.parse(text('resources/experiments/quickstart.json')) as { name: string }
    expect(readme).toContain(`_${quickstart.name}_`)
    const help = spawnSync(process.execPath, [join(root, 'src-main/cli.ts'), 'run', '--help'], { encoding: 'utf8' })
    for (const name of ['webgpu', 'wasm', 'cpu', 'tensorflow']) expect(help.stdout).toContain(`"${name}"`)
  })

  // verify and serve run for longer, as suites of their own.
  const told = `${readme}\n${text('resources/guide/reference.md')}`
  const commands = [...new Set([...told.matchAll(/^npm run -s engram -- (.*)$/gm)].map(([, command]) => command))]
  it.each(commands)('does what it and the reference say: engram %s', (line) => {
    const quick: Record<string, string[]> = {
      verify: ['--help'],
      serve: ['--help'],
      cost: [],
      'recall-stats': [],
      catalog: [],
      fixture: []
    }
    const [command, ...rest] = line.replace('hopfield.json', join(data, 'hopfield.json')).split(' ')
    const more = quick[command] ?? ['--data', data]
    const seeds = rest.some((word) => word.includes('suites/')) ? ['--seeds', '1'] : []
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'src-main/guard.js'), join(root, 'src-main/cli.ts'), command, ...rest, ...more, ...seeds],
      { encoding: 'utf8', cwd: root, maxBuffer: 2 ** 26 }
    )
    expect(status, stderr).toBe(0)
    // What a command writes into a file it says beside its output.
    expect(rest.includes('--out') ? stderr : stdout).not.toBe('')
  })

  it('says which licences hold for what is bundled into the page', () => {
    const notices = text('out/renderer/third-party.txt')
    for (const name of ['svelte', 'chart.js', 'bits-ui', 'katex', 'zod', 'yaml'])
      expect(notices).toContain(`## ${name} - ${installed(name)}`)
    for (const [, license] of notices.matchAll(/^## [@\w./-]+ - [\d.]+ \(([^)]+)\)$/gm))
      expect(['MIT', 'ISC', 'BSD-3-Clause', 'BSD-2-Clause', 'Apache-2.0', '0BSD']).toContain(license)
  })
})

const installed = (name: string): string =>
  (JSON.parse(text(`node_modules/${name}/package.json`)) as { version: string }).version

it('npm pack carries what the studio needs, and no tests', () => {
  expect(manifest.files).toEqual(expect.arrayContaining(['out/', 'resources/', 'src-main/', 'src-shared/']))
  for (const path of manifest.files) expect(path).not.toMatch(/^\.?\/?(tests|\*)/)
})
