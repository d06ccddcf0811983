import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { examples } from '../../../src-main/studio/examples.ts'
import { machine } from '../../../src-main/studio/machine.ts'
import { appRoot } from '../../../src-main/studio/root.ts'
import type { StudioError } from '../../../src-shared/shapes/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

function application(): string {
  const root = temporaryFolder('studio')
  writeFileSync(join(root, 'package.json'), '{"version": "1.2.3"}')
  return root
}

describe('the machine', () => {
  it('is described by its own package.json and its hardware', () => {
    const about = machine(application())
    expect(about).toMatchObject({ version: '1.2.3', commit: 'unknown', node: process.versions.node, libraries: {} })
    expect(about.cores).toBeGreaterThan(0)
    expect(about.memoryBytes).toBeGreaterThan(2 ** 28)
    expect(machine().libraries['better-sqlite3']).toMatch(/^\d+\./)
  })

  it('knows the commit of a package from its resources, and of a checkout from git, with what was changed since', () => {
    const packaged = application()
    mkdirSync(join(packaged, 'resources'))
    writeFileSync(join(packaged, 'resources', 'commit.txt'), 'abc123\n')
    expect(machine(packaged).commit).toBe('abc123')

    const checkout = application()
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: checkout, encoding: 'utf8' })
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'first')
    expect(machine(checkout).commit).toBe(git('rev-parse', 'HEAD').trim())
    writeFileSync(join(checkout, 'package.json'), '{"version": "1.2.4"}')
    expect(machine(checkout).commit).toBe(`${git('rev-parse', 'HEAD').trim()}+changes`)
  })

  it('finds its root from any depth, as a bundler may put the code, and fails where there is none', () => {
    const root = application()
    mkdirSync(join(root, 'out', 'main', 'chunks'), { recursive: true })
    expect(appRoot(join(root, 'out', 'main', 'chunks'))).toBe(root)
    expect(() => appRoot('/')).toThrow('package.json')
  })
})

describe('the examples', () => {
  it('all fit the schema, quickstart first', () => {
    const found = examples()
    expect(found[0].file).toBe('quickstart.json')
    expect(found[0].experiment.models).toHaveLength(4)
  })

  it('name the file that is broken', () => {
    const folder = temporaryFolder('studio')
    writeFileSync(join(folder, 'broken.json'), '{')
    let data
    try {
      examples(folder)
    } catch (error) {
      data = (error as StudioError).data
    }
    expect(data).toMatchObject({ code: 'bad-file', file: 'broken.json' })
  })
})
