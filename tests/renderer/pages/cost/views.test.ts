import { expect, it } from 'vitest'
import { anything } from '../../../../src-renderer/pages/history/query.ts'
import { readViews, withView, type View } from '../../../../src-renderer/pages/history/views.ts'

const view = (name: string, text = ''): View => ({
  name,
  filter: { ...anything, text },
  sort: { key: 'best', descending: true },
  grouping: 'param.rate'
})

it('saved views come back as they were, and what is no view falls away', () => {
  const kept = [view('A', 'tag:thesis'), view('B')]
  expect(readViews(JSON.parse(JSON.stringify(kept)))).toEqual(kept)
  expect(readViews([kept[0], { name: 'x' }, null, { ...kept[1], grouping: 'nonsense' }])).toEqual([kept[0]])
  expect(readViews('no list')).toEqual([])
})

it('a view takes the place of one of its name', () => {
  expect(withView([view('B'), view('A', 'old')], view('A', 'new')).map((v) => [v.name, v.filter.text])).toEqual([
    ['A', 'new'],
    ['B', '']
  ])
})
