import type { TreeNode } from '../../../../src-shared/shapes/outcome.ts'

/** Where and when. */
export interface Place {
  position: number
  time: number
}

/** One level's parents that have the same number of children: they are composed as one batch. */
export interface Composition {
  level: number
  /** Children per parent. */
  size: number
  /** Node ids, parent after parent. */
  children: number[]
  /** Node ids of the parents, and where their content is encoded. */
  parents: number[]
  middles: Place[]
}

/**
 * The tree of one episode. Leaves are its items in their order (ids from `firstId`); then for l = 1 .. maxLevels-1 the
 * nodes are sorted by (start time, start position), and a node joins the group of the one before it if its start lies
 * within 2^l of that one's end in time and in place. A group of one is passed on; a larger one gets a parent with the
 * joint extent and the mean importance. It ends when one node is left; all roots stay.
 */
export function growTree(
  items: readonly (Place & { importance: number })[],
  maxLevels: number,
  firstId: number
): { nodes: TreeNode[]; levels: Composition[][] } {
  const nodes: TreeNode[] = items.map(({ position, time, importance }, i) => ({
    id: firstId + i,
    parent: null,
    level: 0,
    start: { position, time },
    end: { position, time },
    importance
  }))
  const levels: Composition[][] = []
  let current = [...nodes]
  for (let level = 1; level < maxLevels && current.length > 1; level++) {
    current.sort((a, b) => a.start.time - b.start.time || a.start.position - b.start.position)
    const compositions = new Map<number, Composition>()
    current = groups(current, 2 ** level).map((group) => {
      if (group.length === 1) return group[0]
      const parent = joined(group, level, firstId + nodes.length)
      nodes.push(parent)
      for (const child of group) child.parent = parent.id
      const [first, last] = [group[0], group[group.length - 1]]
      const found = compositions.get(group.length)
      const composition = found ?? { level, size: group.length, children: [], parents: [], middles: [] }
      if (!found) compositions.set(group.length, composition)
      composition.children.push(...group.map((child) => child.id))
      composition.parents.push(parent.id)
      composition.middles.push({
        position: Math.floor((first.start.position + last.end.position) / 2),
        time: (first.start.time + last.end.time) / 2
      })
      return parent
    })
    levels.push([...compositions.values()])
  }
  return { nodes, levels }
}

/** Runs of sorted nodes in which each starts within `reach` of the end of the one before. */
function groups(sorted: readonly TreeNode[], reach: number): TreeNode[][] {
  const out: TreeNode[][] = []
  sorted.forEach((node, i) => {
    const before = sorted[i - 1]
    const near =
      i > 0 &&
      node.start.time - before.end.time <= reach &&
      Math.abs(node.start.position - before.end.position) <= reach
    if (near) out[out.length - 1].push(node)
    else out.push([node])
  })
  return out
}

function joined(group: readonly TreeNode[], level: number, id: number): TreeNode {
  const places = (of: 'start' | 'end', by: 'time' | 'position'): number[] => group.map((node) => node[of][by])
  const least = (values: number[]): number => values.reduce((a, b) => Math.min(a, b))
  const most = (values: number[]): number => values.reduce((a, b) => Math.max(a, b))
  return {
    id,
    parent: null,
    level,
    start: { time: least(places('start', 'time')), position: least(places('start', 'position')) },
    end: { time: most(places('end', 'time')), position: most(places('end', 'position')) },
    importance: group.reduce((sum, node) => sum + node.importance, 0) / group.length
  }
}

/** Whether a place and time lie within a node's extent. */
export const contains = ({ start, end }: TreeNode, { position, time }: Place): boolean =>
  start.position <= position && position <= end.position && start.time <= time && time <= end.time
