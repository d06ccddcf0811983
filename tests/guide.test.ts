/** The guide names menus, buttons, pages, commands and files; each of them is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtInModels } from '../src-main/models/registry.ts'
import { tasks } from '../src-main/tasks/registry.ts'
import { parseMarkdown } from '../src-shared/documents/markdown.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'resources/guide/chapters')
const chapters = readdirSync(folder).filter((file) => file.endsWith('.md'))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Words that stand on the screen: texts of elements, and texts in quotes, of the renderer, the catalog and the examples. */
const shown = new Set<string>()
const keep = (text: string): void => void shown.add(text.replace(/\s+/g, ' ').trim())
for (const file of readdirSync(join(root, 'src-renderer'), { recursive: true, encoding: 'utf8' })) {
  if (!/\.(svelte|ts)$/.test(file)) continue
  const source = read(`src-renderer/${file}`)
  for (const [, text] of source.matchAll(/>([^<>{}]+)</g)) keep(text)
  for (const [, text] of source.matchAll(/['"`]([A-Z][^'"`\n]*)['"`]/g)) keep(text)
  // A button that says what goes on while it does.
  for (const [, text] of source.matchAll(/: '([A-Z][^']*)'\}/g)) keep(text)
}
for (const { title } of [...builtInModels, ...tasks]) keep(title)
for (const file of readdirSync(join(root, 'resources/experiments')))
  keep(JSON.parse(read(`resources/experiments/${file}`)).name)

const commands = [...read('src-main/cli.ts').matchAll(/\.command\('([\w-]+)'\)/g)].map(([, name]) => name)

describe.each(chapters)('%s', (file) => {
  const text = read(`resources/guide/chapters/${file}`)
  it('has a title, is short, and is Markdown that the studio renders', () => {
    expect(text).toMatch(/^# \S/)
    expect(text.split(/\s+/).length).toBeLessThan(400)
    expect(parseMarkdown(text)[0]).toMatchObject({ kind: 'heading', level: 1 })
  })
  it('names what stands on the screen', () => {
    const named = [...text.matchAll(/\*\*([^*]+)\*\*/g)].map(([, name]) => name.replace(/\s+/g, ' ').replace(/\.$/, ''))
    expect(named.length).toBeGreaterThan(1)
    expect(named.filter((name) => !shown.has(name))).toEqual([])
  })
  it('names commands and files that are there', () => {
    for (const [, command] of text.matchAll(/`engram ([\w-]+)/g)) expect(commands).toContain(command)
    for (const [, path] of text.matchAll(/((?:examples|resources)\/[\w./-]+\w)/g))
      expect(existsSync(join(root, path)), path).toBe(true)
  })
  it('shows pictures that are there', () => {
    for (const [, picture] of text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g))
      expect(existsSync(join(folder, picture)), picture).toBe(true)
  })
})

it('has eight chapters', () => expect(chapters).toHaveLength(8))
