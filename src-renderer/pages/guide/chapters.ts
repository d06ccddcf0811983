/** The chapters of the guide, as they lie in resources/guide/chapters, with their pictures. */
import { parseMarkdown, type MarkdownNode } from '../../../src-shared/documents/markdown.ts'

const texts = import.meta.glob<string>('../../../resources/guide/chapters/*.md', {
  query: '?raw',
  import: 'default',
  eager: true
})
const pictures = import.meta.glob<string>('../../../resources/guide/chapters/*.png', {
  query: '?url',
  import: 'default',
  eager: true
})

export type Part = { nodes: readonly MarkdownNode[] } | { picture: string; alt: string }

export interface Chapter {
  /** Its address: `#/guide/comparing-fairly`. */
  id: string
  title: string
  parts: readonly Part[]
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const pictureOf = (name: string): string | undefined =>
  Object.entries(pictures).find(([path]) => nameOf(path) === name)?.[1]

/** Pictures stand in lines of their own. */
const pictureLine = /^!\[([^\]]*)\]\(([\w.-]+)\)$/m

export function chapterOf(path: string, text: string): Chapter {
  const [, title = '', body = ''] = /^# (.*)\n([^]*)$/.exec(text) ?? []
  const parts: Part[] = []
  let rest = body
  for (let found = pictureLine.exec(rest); found; found = pictureLine.exec(rest)) {
    parts.push({ nodes: parseMarkdown(rest.slice(0, found.index)) })
    const picture = pictureOf(found[2])
    if (picture !== undefined) parts.push({ picture, alt: found[1] })
    rest = rest.slice(found.index + found[0].length)
  }
  parts.push({ nodes: parseMarkdown(rest) })
  return { id: nameOf(path).replace(/^\d+-|\.md$/g, ''), title, parts }
}

export const chapters: readonly Chapter[] = Object.keys(texts)
  .sort()
  .map((path) => chapterOf(path, texts[path]))
