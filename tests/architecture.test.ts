import { spawnSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.ts'

const root = join(import.meta.dirname, '..')
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')

/** What the linter of arrows says of a house with these files. */
function said(files: Record<string, string>): { code: number | null; text: string } {
  const house = temporaryFolder('house')
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(house, file)), { recursive: true })
    writeFileSync(join(house, file), content)
  }
  for (const file of ['tsconfig.json', '.dependency-cruiser.js', 'package.json'])
    copyFileSync(join(root, file), join(house, file))
  const tops = [...new Set(Object.keys(files).map((file) => file.split('/')[0]))]
  const { status, stdout, stderr } = spawnSync(process.execPath, [cruiser, ...tops], { cwd: house, encoding: 'utf8' })
  return { code: status, text: stdout + stderr }
}

describe('the linter of arrows', { timeout: 60_000 }, () => {
  it('accepts a house whose arrows run downwards', () => {
    const { code, text } = said({
      'src-shared/shapes/word.ts': 'export interface Word { text: string }\n',
      'src-shared/text/print.ts':
        "import type { Word } from '../shapes/word.ts'\nexport const print = (word: Word) => word.text\n",
      'src-main/models/one.ts': "import { print } from '../../src-shared/text/print.ts'\nexport const one = print\n",
      'src-main/tasks/two.ts': "import { one } from '../models/one.ts'\nexport const two = one\n"
    })
    expect(text).toContain('no dependency violations')
    expect(code).toBe(0)
  })

  const plants = [
    ['a model that imports a task', 'src-main/models/a.ts', 'src-main/tasks/b.ts', 'src-main/models'],
    ['a task that imports the engine', 'src-main/tasks/a.ts', 'src-main/engine/b.ts', 'src-main/tasks'],
    ['a store that imports the engine', 'src-main/store/a.ts', 'src-main/engine/b.ts', 'src-main/store'],
    ['statistics that import a run', 'src-shared/statistics/a.ts', 'src-shared/findings/b.ts', 'src-shared/statistics'],
    ['shared code that imports the main process', 'src-shared/text/a.ts', 'src-main/studio/b.ts', 'shared-is-pure'],
    ['a page that imports the main process', 'src-renderer/pages/x/a.ts', 'src-main/studio/b.ts', 'renderer-speaks'],
    ['a page that imports another page', 'src-renderer/pages/y/a.ts', 'src-renderer/pages/z/b.ts', 'a-page-knows'],
    [
      'a migration that imports living code',
      'src-main/store/migrations/1.ts',
      'src-shared/grid/b.ts',
      'history-is-frozen'
    ]
  ] as const
  const planted: Record<string, string> = {}
  for (const [, from, to] of plants) {
    planted[from] = `import type { B } from '${'../'.repeat(from.split('/').length - 1)}${to}'\nexport const a: B = 1\n`
    planted[to] = 'export type B = number\n'
  }
  let verdict: ReturnType<typeof said>
  beforeAll(() => (verdict = said(planted)))
  it.each(plants)('refuses %s, even a type of it', (_, from, to, rule) => {
    expect(verdict.text.split('\n').filter((line) => line.includes(`${from} → ${to}`))).toEqual(
      expect.arrayContaining([expect.stringContaining(rule)])
    )
    expect(verdict.code).toBeGreaterThan(0)
  })

  it('refuses a circle of types', () => {
    const { code, text } = said({
      'src-shared/shapes/a.ts': "import type { B } from './b.ts'\nexport interface A { b: B | null }\n",
      'src-shared/shapes/b.ts': "import type { A } from './a.ts'\nexport interface B { a: A | null }\n"
    })
    expect(text).toContain('no-circle')
    expect(code).toBeGreaterThan(0)
  })
})

describe('the documents', () => {
  it.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s names files, folders and scripts that are there', (document) => {
    const text = readFileSync(join(root, document), 'utf8')
    const files = globSync(['*', '.*.js', 'src-*/**/*', 'tests/**/*', 'resources/**/*', 'examples/*'], { cwd: root })
    for (const [, code] of text.matchAll(/`([^`\n]+)`/g)) {
      const script = /^npm run (?:-s )?([\w:-]+)/.exec(code)
      if (script) expect(Object.keys(scripts), code).toContain(script[1])
      const names =
        /^[\w.*-]+(\/[\w.*-]+)*\/?$/.test(code) && (code.includes('/') || /\.(ts|js|md|json|svelte)$/.test(code))
      if (!names || /NAME|NNN|DIR|^out\//.test(code)) continue
      const path = code.replace(/\/$/, '')
      expect(
        files.some((file) => file === path || file.endsWith(`/${path}`)),
        `${document}: ${code}`
      ).toBe(true)
    }
  })
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
})
