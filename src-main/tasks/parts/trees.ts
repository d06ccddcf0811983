/** What a hierarchy's own trace says about its nodes. */
import type { Memory } from '../../models/model.ts'
import type { TreeNode } from '../../../src-shared/shapes/outcome.ts'

/** The nodes of each trial, or undefined for a memory without a tree. */
export async function treesOf(memory: Memory): Promise<(readonly TreeNode[])[] | undefined> {
  const trace = (await memory.traces?.())?.find(({ kind }) => kind === 'tree')
  return trace?.perTrial.flatMap((value) => ('nodes' in value ? [value.nodes] : []))
}

/** 0, 1 ... up to the highest level of the trees. */
export function levelsOf(trees: readonly (readonly TreeNode[])[]): number[] {
  const top = Math.max(0, ...trees.flatMap((nodes) => nodes.map((node) => node.level)))
  return Array.from({ length: top + 1 }, (_, level) => level)
}

/** The highest ancestor of a leaf whose level is at most the given one. */
export function ancestor(nodes: ReadonlyMap<number, TreeNode>, leaf: TreeNode, level: number): TreeNode {
  let node = leaf
  for (;;) {
    const parent = node.parent === null ? undefined : nodes.get(node.parent)
    if (!parent || parent.level > level) return node
    node = parent
  }
}

/**
 * The levels to be asked at these moments: those of the tree that cover all of them. A memory without a tree has one
 * level, which is asked as any memory is.
 */
export async function levelsAsked(
  memory: Memory,
  times: readonly number[]
): Promise<{ levels: number[]; at(level: number): { level?: number } }> {
  const trees = await treesOf(memory)
  return trees
    ? { levels: answeringLevels(trees[0], times), at: (level) => ({ level }) }
    : { levels: [0], at: () => ({}) }
}

/** The levels at which every one of these moments lies inside a node: there a query of that level gets an answer. */
export function answeringLevels(nodes: readonly TreeNode[], times: readonly number[], position = 0): number[] {
  return levelsOf([nodes]).filter((level) => {
    const here = nodes.filter((node) => node.level === level)
    return times.every((time) =>
      here.some(
        ({ start, end }) =>
          start.time <= time && time <= end.time && start.position <= position && position <= end.position
      )
    )
  })
}
