import { expect, test } from 'vitest'
import { contains, growTree } from '../../../../../src-main/models/parts/hierarchy/hierarchy-tree.ts'

const at = (time: number, position = time, importance = 1): { time: number; position: number; importance: number } => ({
  time,
  position,
  importance
})

test('neighbours share a parent; what lies apart joins at the first level whose reach bridges the gap', () => {
  const { nodes, levels } = growTree([at(0), at(1), at(10), at(11), at(30)], 5, 0)
  // Level 1 joins the pairs; the gap of 9 takes level 4 (reach 16); the gap of 19 is bridged at no level below 5.
  expect(nodes.map((node) => node.parent)).toEqual([5, 5, 6, 6, null, 7, 7, null])
  expect(nodes[7]).toMatchObject({ level: 4, start: { time: 0 }, end: { time: 11 } })
  expect(levels.map((level) => level.length)).toEqual([1, 0, 0, 1])
})

test('a far place keeps apart what is close in time', () => {
  const { nodes } = growTree([at(0, 0), at(1, 9)], 3, 0)
  expect(nodes.map((node) => node.parent)).toEqual([null, null])
})

test('places that go backwards give a joint extent and a mean importance', () => {
  const { nodes } = growTree([at(0, 5, 1), at(1, 4, 0.5), at(2, 3, 0)], 4, 7)
  expect(nodes[3]).toEqual({
    id: 10,
    parent: null,
    level: 1,
    start: { time: 0, position: 3 },
    end: { time: 2, position: 5 },
    importance: 0.5
  })
  expect(contains(nodes[3], { time: 1, position: 4 })).toBe(true)
  expect(contains(nodes[3], { time: 3, position: 4 })).toBe(false)
})

test('a thousand items in a row have one root, and one item has no parent', () => {
  const { nodes } = growTree(
    Array.from({ length: 1000 }, (_, i) => at(i)),
    5,
    0
  )
  expect(nodes.length).toBe(1001)
  expect(growTree([at(0)], 5, 0).nodes.length).toBe(1)
})
