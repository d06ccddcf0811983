import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawn, spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { foreignInstaller, obstacle, oldLibrary, satisfies } from '../../src-main/guard.js'

const root = join(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const guard = 'node src-main/guard.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engram guard ü '))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ engines: { node: '^22.18.0 || >=24.0.0' } }))
})
afterEach(() => rmSync(folder, { recursive: true }))
const install = (...names: string[]): void => {
  for (const name of names) mkdirSync(join(folder, 'node_modules', name), { recursive: true })
}
const complete = ['vite', '@rolldown/binding-here']
const npm = (node: string): string => `npm/10.9.2 node/v${node} linux x64 workspaces/false`

describe('oldLibrary', () => {
  it.each(['2.31', '2.33', '1.99'])('names %s', (version) =>
    expect(oldLibrary(version)).toContain(`this is ${version}`)
  )
  it.each(['2.34', '2.36', '3.0', undefined])('lets %s pass', (version) => expect(oldLibrary(version)).toBeUndefined())
})

describe('satisfies', () => {
  it.each([
    ['22.18.0', true],
    ['22.23.3', true],
    ['22.17.9', false],
    ['22.9.0', false],
    ['20.20.2', false],
    ['23.11.0', false],
    ['24.0.0', true],
    ['24.21.0', true],
    ['26.0.0-nightly', true],
    ['100.0.0', true]
  ])('Node %s: %s', (version, answer) => expect(satisfies(version, '^22.18.0 || >=24.0.0')).toBe(answer))
  it('counts the patch, too', () => {
    expect(satisfies('22.18.3', '^22.18.4')).toBe(false)
    expect(satisfies('22.18.4', '^22.18.4')).toBe(true)
  })
})

describe('obstacle', () => {
  it('is none where everything is there', () => {
    install(...complete)
    expect(obstacle(folder, '22.18.0', npm('18.19.0'))).toBeUndefined()
    expect(obstacle(folder, '24.21.0', undefined)).toBeUndefined()
  })
  it('says that nothing was installed, whatever the version', () =>
    expect(obstacle(folder, '18.19.0', npm('18.19.0'))).toBe('Nothing is installed yet: run npm ci first.'))
  it('says that packages were left out', () => {
    install('zod')
    expect(obstacle(folder, '24.0.0', npm('24.0.0'))).toMatch(/^The packages are not all there: run npm ci/)
  })
  it('says that npm ran on a Node that leaves out the build tool’s program', () => {
    install('vite', '@rolldown/pluginutils')
    expect(obstacle(folder, '24.21.0', npm('20.18.3'))).toMatch(
      /needs Node 22\.18 or newer: npm ran on Node 20\.18\.3 /
    )
    expect(obstacle(folder, '24.21.0', npm('22.18.0'))).toMatch(/is missing: run npm ci again/)
  })
  it('tells an old Node from one whose replacement was not unpacked', () => {
    install(...complete)
    expect(obstacle(folder, '20.20.2', npm('20.20.2'))).toMatch(
      /^Engram Studio needs Node 22\.18 or newer; this is 20\.20\.2\. Install it from/
    )
    install('node')
    expect(obstacle(folder, '20.20.2', npm('20.20.2'))).toMatch(/run npm ci without --ignore-scripts\.$/)
  })
})

describe('foreignInstaller', () => {
  it('lets npm and a bare node pass', () => {
    expect(foreignInstaller(npm('24.0.0'))).toBeUndefined()
    expect(foreignInstaller(undefined)).toBeUndefined()
  })
  it.each(['pnpm/9.1.0 npm/? node/v22.1.0', 'yarn/1.22.22 npm/? node/v22.1.0'])('refuses %s in one sentence', (agent) =>
    expect(foreignInstaller(agent)).toMatch(/^Install Engram Studio with npm ci, not with (pnpm|yarn): .*\.$/)
  )
})

describe('the guard as a program', () => {
  const run = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, [join(root, 'src-main/guard.js'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, ...env }
    })
  it('goes on to the file it is given, with its arguments', () => {
    const file = join(folder, 'told.ts')
    writeFileSync(file, 'const said: string[] = process.argv.slice(1)\nconsole.log(JSON.stringify(said))')
    expect(JSON.parse(run([file, '--port', 'a b']).stdout)).toEqual([file, '--port', 'a b'])
  })
  it.skipIf(process.platform === 'win32')('ends the program when npm’s shell is told to end', async () => {
    const file = join(folder, 'waits.ts')
    const told = join(folder, 'told')
    writeFileSync(
      file,
      `import { writeFileSync } from 'node:fs'
      process.on('SIGTERM', () => { writeFileSync(process.argv[2], 'ended'); process.exit(0) })
      setInterval(() => {}, 1000)
      console.log('waits')`
    )
    const words = [process.execPath, join(root, 'src-main/guard.js'), file, told]
    // Two commands: no shell makes way for the first.
    const shell = spawn('sh', ['-c', `${words.map((word) => `'${word}'`).join(' ')}; true`], {
      env: { ...process.env, npm_lifecycle_event: 'start' }
    })
    await new Promise((ready) => shell.stdout.once('data', ready))
    shell.kill('SIGTERM')
    await expect.poll(() => existsSync(told), { timeout: 10_000 }).toBe(true)
  })
  it('ends pnpm with exit code 1 before anything is installed', () => {
    const env = { npm_config_user_agent: 'pnpm/9.1.0 npm/? node/v22.1.0', npm_lifecycle_event: 'preinstall' }
    const { status, stderr } = run([], env)
    expect(status).toBe(1)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('package.json', () => {
  it('has the guard first in every script', () => {
    for (const [name, script] of Object.entries<string>(manifest.scripts))
      expect(script, name).toMatch(/^(node (--disable-warning=\S+ )?src-main\/guard\.js|npm (test|run))/)
    expect(manifest.scripts.preinstall).toBe(guard)
  })
  it('has no script that a Windows shell would not take', () => {
    for (const script of Object.values<string>(manifest.scripts)) expect(script).not.toMatch(/[';$`|]|(^|&& )\w+=/)
  })
  it('asks for the Node that the guard asks for, in a range that it can read', () => {
    const { node } = manifest.engines
    expect(satisfies('22.18.0', node)).toBe(true)
    expect(satisfies('22.17.1', node)).toBe(false)
    expect(satisfies(manifest.optionalDependencies.node, node)).toBe(true)
  })
  it('pins every dependency', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
  })
})

describe('package-lock.json', () => {
  // An older npm compiles whatever has a binding.gyp; npm install drops this line (npm/cli issue 9837).
  it('tells npm before 11.16 not to compile better-sqlite3', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
    expect(
      lock.packages['node_modules/better-sqlite3'],
      'put "gypfile": false back into the entry node_modules/better-sqlite3 of package-lock.json'
    ).toHaveProperty('gypfile', false)
  })
})
