import { describe, expect, it } from 'vitest'
import { readViews } from '../../../../src-renderer/pages/history/views.ts'
import { moved, readLayout } from '../../../../src-renderer/pages/history/layout.ts'
import { Paging } from '../../../../src-renderer/pages/history/paging.ts'
import { addressOf, anything, newest, queryOf, readAddress } from '../../../../src-renderer/pages/history/query.ts'
import { readTags, tagChanges } from '../../../../src-shared/text/tags.ts'

const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `r${from + i}`, name: '' }))

describe('a long list in pages', () => {
  it('asks only for the pages that are looked at and not held', () => {
    const list = new Paging<{ id: string; name: string }>(10)
    expect(list.missing(0, 30)).toEqual([0])
    list.put(0, rows(0, 10), 95)
    expect(list.missing(5, 25)).toEqual([1, 2])
    list.put(2, rows(20, 10), 95)
    expect(list.missing(5, 25)).toEqual([1])
    expect(list.row(23)?.id).toBe('r23')
    expect(list.row(13)).toBeUndefined()
  })

  it('never asks beyond the end', () => {
    const list = new Paging<{ id: string; name: string }>(10)
    list.put(0, rows(0, 5), 5)
    expect(list.missing(0, 500)).toEqual([])
    list.put(0, [], 0)
    expect(list.missing(0, 10)).toEqual([])
  })

  it('lets one reader have a page, and another after it failed', () => {
    const list = new Paging<{ id: string; name: string }>(10)
    expect([list.claim(1), list.claim(1)]).toEqual([true, false])
    list.release(1)
    expect(list.claim(1)).toBe(true)
  })

  it('changes a row where it is, and leaves the page it came from alone', () => {
    const list = new Paging<{ id: string; name: string }>(10)
    const page = rows(0, 3)
    list.put(0, page, 3)
    list.patch('r1', { name: 'new' })
    expect(list.find('r1')).toEqual({ id: 'r1', name: 'new' })
    expect(page[1].name).toBe('')
    list.patch('absent', { name: 'x' })
    expect(list.find('absent')).toBeUndefined()
  })
})

describe('the filter of the history', () => {
  const sort = { key: 'created', descending: true } as const

  it('sends only what is set', () => {
    expect(queryOf(anything, sort)).toEqual({ trashed: false, sort: 'created', descending: true })
    expect(queryOf({ ...anything, text: ' slots model:rag ' }, sort).filter).toBe('slots model:rag')
  })

  it('reads tags as typed and changes only what differs', () => {
    expect(readTags(' new, thesis,, new ')).toEqual(['new', 'thesis'])
    expect(tagChanges(['a', 'b'], ['b', 'c'])).toEqual({ addTags: ['c'], removeTags: ['a'] })
  })
})

describe('a saved view', () => {
  const view = { name: 'mine', sort: { key: 'created', descending: true }, grouping: 'none' }
  const earlier = { text: '', task: '', model: '', status: '', tag: '', from: '', to: '', trashed: false }
  const opened = (filter: object) => readViews([{ ...view, filter }])[0]?.filter

  it('of an earlier version keeps what its dropdowns said, as part of its text', () => {
    expect(opened({ ...earlier, text: 'a or b', task: 'capacity', tag: 'figure 2', from: '2026-01-02' })).toEqual({
      text: '(a or b) task:capacity tag:"figure 2" created >= 2026-01-02',
      trashed: false
    })
    expect(opened({ ...earlier, status: 'done', to: '2026-11-01', trashed: true })).toEqual({
      text: 'status:done created <= 2026-11-01',
      trashed: true
    })
    expect(opened(earlier)).toEqual({ text: '', trashed: false })
  })

  it('whose text cannot be read keeps that text', () => {
    expect(opened({ ...earlier, text: 'trials >', model: 'rag' })?.text).toBe('trials > model:rag')
  })

  it('opens as it was saved, and what is none falls away', () => {
    expect(opened({ text: 'tag:x   slots', trashed: true })).toEqual({ text: 'tag:x   slots', trashed: true })
    expect(readViews([{ ...view, filter: { text: 3 } }, 'x'])).toEqual([])
    expect(readViews(undefined)).toEqual([])
  })
})

describe('the remembered columns', () => {
  it('fall back to the usual ones when nothing sensible was remembered', () => {
    expect(readLayout(undefined).order[0]).toBe('name')
    expect(readLayout({ order: 'name' }).hidden).toContain('backend')
    expect(readLayout({ order: [], sizes: { name: -5 }, hidden: [] }).sizes).toEqual({})
  })

  it('lose what no longer exists and keep the name visible', () => {
    const layout = readLayout({
      order: ['tags', 'gone', 'tags', 'name'],
      sizes: { gone: 90, tags: 90 },
      hidden: ['name', 'gone']
    })
    expect(layout.order.slice(0, 2)).toEqual(['tags', 'name'])
    expect(layout.order).toContain('notes')
    expect(new Set(layout.order).size).toBe(layout.order.length)
    expect(layout.sizes).toEqual({ tags: 90 })
    expect(layout.hidden).toEqual([])
  })

  it('move by name and never off the end', () => {
    expect(moved(['a', 'b', 'c'], 'a', 2)).toEqual(['b', 'c', 'a'])
    expect(moved(['a', 'b', 'c'], 'c', -4)).toEqual(['c', 'a', 'b'])
  })
})

describe('the address of the history', () => {
  const read = (address: string) => readAddress(new URLSearchParams(address.split('?')[1] ?? ''))
  it('holds search, trash and order, and gives them back', () => {
    const [search, sort] = [{ text: 'task = a & "b"', trashed: true }, { key: 'name', descending: false } as const]
    expect(read(addressOf(search, sort))).toEqual({ search, sort })
  })
  it('is bare for the usual, and the newest come first without a known order', () => {
    expect(addressOf(anything, newest)).toBe('/history')
    expect(read('/history')).toEqual({ search: anything, sort: newest })
    expect(read('/history?sort=-nothing').sort).toEqual(newest)
  })
})
