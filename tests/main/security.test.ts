import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const rows = readFileSync(join(root, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (Rule|-+) /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

describe('the rules of SECURITY.md', () => {
  it.each(rows.map(([, rule, files, tests]) => [rule, files, tests]))(
    '%s: its files and tests are there',
    (_, files, tests) => {
      for (const path of [...files.split(', '), ...tests.split(', ')])
        expect(existsSync(join(root, path)), path).toBe(true)
      expect(tests).toMatch(/^tests\//)
    }
  )

  it('are tables of many rows', () => {
    expect(rows.length).toBeGreaterThan(25)
  })

  it('hold where no test can see them at work: no component puts HTML into the page', () => {
    const components = globSync('src-renderer/**/*.{svelte,ts}', { cwd: root })
    expect(components.length).toBeGreaterThan(50)
    for (const file of components)
      expect(readFileSync(join(root, file), 'utf8'), file).not.toMatch(
        /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write/
      )
  })
})
