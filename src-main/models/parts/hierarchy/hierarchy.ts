import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Cost, Workload } from '../../../../src-shared/cost/cost.ts'
import { integer, type ValuesOf } from '../../../../src-shared/shapes/params.ts'
import type { Memory, MemorySetup, RetrieveInput, StoreInput, Trace } from '../../model.ts'
import type { TreeNode } from '../../../../src-shared/shapes/outcome.ts'
import { dimension, headCount } from '../memory/common-params.ts'
import { unit, unitFlops } from '../memory/cosine.ts'
import { contains, growTree, type Composition, type Place } from './hierarchy-tree.ts'
import { applyMlp, mlp, mlpFlops, mlpParameters, type Linear } from '../memory/linear.ts'
import { attendGroups, attendGroupsFlops, mha, mhaParameters, mhaTensors, type Mha } from '../memory/mha.ts'
import { fusedAsk, fusedGroups, fusedMaps, type RowMap } from '../../../tensors/fused-memory-ops.ts'
import { plainContent, type Contents, type NodeContent } from './node-memory.ts'
import { encodeFlops, PlaceCode } from './place-code.ts'
import { Rows } from '../memory/rows.ts'

export const hierarchyParams = {
  dim: dimension,
  maxLevels: integer('Levels', 5, { help: 'Levels of the tree, leaves included', min: 1, max: 12, symbol: 'L' }),
  spatialDim: integer('Place code', 32, { help: 'Length of the code of a place', min: 2, max: 512, scale: 'log' }),
  temporalDim: integer('Time code', 32, { help: 'Length of the code of a time', min: 2, max: 512, scale: 'log' }),
  contextDim: integer('Context size', 16, { help: 'Context slots of the nodes’ own memories', min: 1, max: 1024 }),
  memorySize: integer('Slots per node', 50, { help: 'Slots of the nodes’ own memories', min: 1, max: 1000 }),
  heads: headCount(4)
}

/** A tree trace shows at most this many nodes, the highest levels first. */
const tracedNodes = 512

/**
 * Hierarchical spatio-temporal memory: every store grows a tree over its items; a retrieve asks the nodes that contain
 * its place and time.
 *
 *   leaf: (key, value) + encode(place, time, 0)
 *   parent at level l: composition_l([mean MHA_l(children); encode(middle, l)]), for keys and for values
 *   e = q + encode(place, time, level),  score = cos(e, node) importance,  retrieve = softmax(scores) contents
 *
 * The tree depends on places and times only, so it is the same for all trials of a batch and is kept outside the
 * tensors. `content` says what a node makes of the key and value it is given.
 */
export function hierarchy(p: ValuesOf<typeof hierarchyParams>, setup: MemorySetup, content: NodeContent): Memory {
  const { batch, weight } = setup
  const { dim, maxLevels, heads } = p
  const code = new PlaceCode(weight, batch, maxLevels, p.spatialDim, p.temporalDim, dim)
  const perLevel = <T>(first: number, make: (l: number) => T): T[] =>
    Array.from({ length: maxLevels - first }, (_, i) => make(i))
  const compositions = perLevel(1, (l) => mlp(weight, `composition_networks.${l}`, [2 * dim, dim, dim]))
  const attentions = perLevel(0, (l) => mha(weight, `attention_networks.${l}`, dim, heads))

  const packed = attentions.map(packedOf)

  let nodes: TreeNode[] = []
  let stored = 0
  /** Per node: what a query is compared with, at unit length, and what it answers, [B, nodes, d]. */
  const rows = new Rows()
  /** The last retrieve: shares [B, Q, K] and the node of every entry. */
  let last: { shares: Tensor; plan: Plan } | undefined

  function store(input: StoreInput): void {
    const items = Array.from({ length: input.keys.shape[1]! }, (_, i) => ({
      position: input.positions?.[i] ?? stored + i,
      time: input.times?.[i] ?? stored + i,
      importance: input.importances?.[i] ?? 1
    }))
    const firstId = nodes.length
    const tree = growTree(items, maxLevels, firstId)
    tf.tidy(() => {
      const byOps = storeByOps(input, items, tree, firstId)
      if (byOps) return byOps.forEach(({ directions, values }) => rows.append(directions, values))
      const here = code.encode(items, 0)
      let held: Contents = content(input.keys.add(here), input.values.add(here), firstId)
      for (const level of tree.levels) {
        if (level.length === 0) continue
        const made = composeLevel(level, held, firstId, { compositions, attentions, code })
        const next = content(made.keys, made.values, firstId + held.keys.shape[1]!)
        const join = (of: 'keys' | 'values' | 'compared'): Tensor => tf.concat([held[of], next[of]], 1)
        held = { keys: join('keys'), values: join('values'), compared: join('compared') }
      }
      rows.append(unit(held.compared), held.values)
    })
    nodes = nodes.concat(tree.nodes)
    stored += items.length
  }

  /** What is appended to the rows, leaves and then level after level, by a few ops a level, where the backend has them. */
  function storeByOps(
    input: StoreInput,
    items: readonly Place[],
    tree: ReturnType<typeof growTree>,
    firstId: number
  ): { directions: Tensor; values: Tensor }[] | undefined {
    const here = code.map(items, 0)
    const leaf = (plus: Tensor, then?: 'unit'): RowMap => ({
      inputs: here.inputs,
      layers: [{ ...here.layer, plus, ...(then && { then }) }]
    })
    const plain = content === plainContent
    const made = fusedMaps([leaf(input.keys), leaf(input.values), ...(plain ? [leaf(input.keys, 'unit')] : [])])
    if (!made) return undefined
    const contents = (keys: Tensor, values: Tensor, id: number, unitKeys: Tensor | undefined): Required<Contents> => {
      const given: Contents = plain ? { keys, values, compared: keys } : content(keys, values, id)
      return { ...given, directions: unitKeys ?? given.directions ?? unit(given.compared) }
    }
    let held = contents(made[0], made[1], firstId, made[2])
    const all = [held]
    const levels = tree.levels.filter((compositions) => compositions.length > 0)
    for (const [i, level] of levels.entries()) {
      const next = composeByOps(level, held, firstId, plain, { compositions, attentions: packed, code })
      if (!next) return undefined
      const added = contents(next[0], next[1], firstId + held.keys.shape[1]!, next[2])
      all.push(added)
      if (i + 1 === levels.length) break
      const join = (of: 'keys' | 'values'): Tensor => tf.concat([held[of], added[of]], 1)
      held = { ...added, keys: join('keys'), values: join('values') }
    }
    return all
  }

  /** The same answer by a few ops. */
  function askByOps(
    queries: Tensor,
    places: readonly Place[],
    plan: Plan,
    held: readonly Tensor[]
  ): Tensor | undefined {
    const { width, levels, node, importance, mask } = plan
    const cueOf = (level: number): RowMap => {
      const { inputs, layer } = code.map(places, level)
      return { inputs, layers: [{ ...layer, plus: queries, then: 'unit' }] }
    }
    const cues: Tensor[] = []
    for (let at = 0; at < levels.length; at += levelsAtOnce) {
      const some = fusedMaps(levels.slice(at, at + levelsAtOnce).map(cueOf))
      if (!some) return undefined
      cues.push(...some)
    }
    const shape: [number, number, number] = [2, places.length, width]
    const pairs = <A extends Int32Array | Float32Array>(both: A, first: A, second: A): A => {
      both.set(first)
      both.set(second, first.length)
      return both
    }
    const size = 2 * node.length
    const made = fusedAsk({
      cues: cues.length > 1 ? tf.concat(cues, 1) : cues[0],
      ...{ directions: held[0], contents: held[1] },
      places: tf.tensor3d(pairs(new Int32Array(size), node, plan.code), shape, 'int32'),
      weights: tf.tensor3d(pairs(new Float32Array(size), importance, mask), shape)
    })
    if (!made) return undefined
    last = { shares: tf.keep(made[1]), plan }
    return made[0]
  }

  function retrieve({ queries, level, ...at }: RetrieveInput): Tensor {
    const count = queries.shape[1]!
    const places = Array.from({ length: count }, (_, i) => ({
      position: at.positions?.[i] ?? at.position ?? i,
      time: at.times?.[i] ?? at.time ?? i
    }))
    const plan = planOf(nodes, places, level)
    last?.shares.dispose()
    last = undefined
    return tf.tidy(() => {
      const held = rows.read()
      if (!held || plan.width === 0) return tf.zerosLike(queries)
      const byOps = askByOps(queries, places, plan, held)
      if (byOps) return byOps
      const [directions, contents] = held
      const { width, levels } = plan
      const shape = [batch, count, width, dim]
      const index = tf.tensor1d(plan.node, 'int32')
      const codes = tf.concat(
        levels.map((l) => code.encode(places, l)),
        1
      )
      const encoded = tf.gather(codes, tf.tensor1d(plan.code, 'int32'), 1).reshape(shape)
      const cue = unit(queries.expandDims(2).add(encoded))
      const cosine = tf.sum(cue.mul(tf.gather(directions, index, 1).reshape(shape)), -1)
      const mask = tf.tensor(plan.mask, [1, count, width])
      const scores = cosine.mul(tf.tensor(plan.importance, [1, count, width])).add(mask.sub(1).mul(1e9))
      const shares = tf.softmax(scores, -1).mul(mask)
      last = { shares: tf.keep(shares), plan }
      return tf.sum(shares.expandDims(3).mul(tf.gather(contents, index, 1).reshape(shape)), 2)
    })
  }

  function reset(): void {
    rows.clear()
    last?.shares.dispose()
    last = undefined
    nodes = []
    stored = 0
  }

  return {
    store,
    retrieve,
    reset,
    async traces() {
      if (nodes.length === 0) return []
      return [treeTrace(batch, nodes, await sharesOf(last, batch))]
    },
    dispose() {
      reset()
      code.dispose()
      tf.dispose(attentions.flatMap(mhaTensors))
      packed.forEach(({ clear }) => clear())
      tf.dispose(compositions.flat().flatMap((layer) => [layer.weight, layer.bias]))
    }
  }
}

interface Networks {
  compositions: readonly Linear[][]
  attentions: readonly Mha[]
  code: PlaceCode
}

/** Levels whose cues one op makes: it binds a result for each. */
const levelsAtOnce = 6

/** Attention whose three maps of its inputs lie in one. */
interface Packed {
  heads: number
  output: Linear
  /** Made when it is asked for. */
  inputs(): Linear
  clear(): void
}

function packedOf({ heads, inputs, output }: Mha): Packed {
  let made: Linear | undefined
  const join = (of: keyof Linear): Tensor =>
    tf.keep(
      tf.concat(
        inputs.map((map) => map[of]),
        1
      )
    )
  return {
    ...{ heads, output },
    inputs: () => (made ??= { weight: join('weight'), bias: join('bias') }),
    clear() {
      if (made) tf.dispose([made.weight, made.bias])
      made = undefined
    }
  }
}

/** What `composeLevel` makes, and at last the keys at unit length where they are asked for, by three ops. */
function composeByOps(
  level: readonly Composition[],
  { keys, values }: Contents,
  firstId: number,
  directions: boolean,
  {
    compositions,
    attentions,
    code
  }: { compositions: readonly Linear[][]; attentions: readonly Packed[]; code: PlaceCode }
): Tensor[] | undefined {
  const { level: l } = level[0]
  const parents = level
    .flatMap(({ size, children, parents, middles }) =>
      parents.map((id, i) => ({ id, middle: middles[i], children: children.slice(i * size, (i + 1) * size) }))
    )
    .sort((a, b) => a.id - b.id)
  const places = parents.flatMap(({ children }) => children.map((id) => id - firstId))
  const begins = new Int32Array(parents.length + 1)
  parents.forEach(({ children }, i) => (begins[i + 1] = begins[i] + children.length))
  const { heads, inputs, output } = attentions[l]
  const rows = tf.tensor1d(places)
  const middle = code.map(
    parents.map((parent) => parent.middle),
    l
  )
  const asked = fusedMaps([
    { inputs: [keys], rows, layers: [inputs()] },
    { inputs: [values], rows, layers: [inputs()] },
    { inputs: middle.inputs, layers: [middle.layer] }
  ])
  const summaries = asked && fusedGroups([asked[0], asked[1]], begins, heads)
  if (!summaries) return undefined
  const [hidden, out] = compositions[l - 1]
  const composed = (summary: Tensor, then: 'none' | 'unit'): RowMap => ({
    inputs: [summary],
    layers: [output, { ...hidden, beside: asked[2], then: 'relu' }, { ...out, then }]
  })
  const [ofKeys, ofValues] = summaries
  return fusedMaps([
    composed(ofKeys, 'none'),
    composed(ofValues, 'none'),
    ...(directions ? [composed(ofKeys, 'unit')] : [])
  ])
}

/** Keys and values of all parents of a level in the order of their ids, [B, parents, d]. */
function composeLevel(
  level: readonly Composition[],
  { keys, values }: Contents,
  firstId: number,
  { compositions, attentions, code }: Networks
): { keys: Tensor; values: Tensor } {
  const made = level.map(({ level: l, size, children, middles }) => {
    const index = tf.tensor1d(
      children.map((id) => id - firstId),
      'int32'
    )
    const both = tf.concat([tf.gather(keys, index, 1), tf.gather(values, index, 1)], 1)
    const middle = code.encode(middles, l)
    const summary = attendGroups(attentions[l], both, size)
    return tf.split(applyMlp(compositions[l - 1], tf.concat([summary, middle.tile([1, 2, 1])], -1)), 2, 1)
  })
  const ids = level.flatMap((composition) => composition.parents)
  const order = tf.tensor1d(
    [...ids].sort((a, b) => a - b).map((id) => ids.indexOf(id)),
    'int32'
  )
  const inOrder = (which: number): Tensor => {
    const all = made.map((parts) => parts[which])
    return all.length === 1 ? all[0] : tf.gather(tf.concat(all, 1), order, 1)
  }
  return { keys: inOrder(0), values: inOrder(1) }
}

/** Which nodes each query asks: row after row, padded to the width of the longest row. */
interface Plan {
  width: number
  levels: number[]
  /** [Q * width] each. */
  node: Int32Array
  /** Row of the codes: level after level, query after query. */
  code: Int32Array
  importance: Float32Array
  mask: Float32Array
}

function planOf(nodes: readonly TreeNode[], places: readonly Place[], level: number | undefined): Plan {
  const asked = level === undefined ? nodes : nodes.filter((node) => node.level === level)
  const same = places.every(({ position, time }) => position === places[0].position && time === places[0].time)
  const once = same ? asked.filter((node) => contains(node, places[0])) : undefined
  const matches = places.map((place) => once ?? asked.filter((node) => contains(node, place)))
  const width = matches.reduce((most, row) => Math.max(most, row.length), 0)
  const levels = [...new Set(matches.flatMap((row) => row.map((node) => node.level)))].sort((a, b) => a - b)
  const size = places.length * width
  const plan = {
    width,
    levels,
    node: new Int32Array(size),
    code: new Int32Array(size),
    importance: new Float32Array(size),
    mask: new Float32Array(size)
  }
  matches.forEach((row, q) =>
    row.forEach((node, k) => {
      const i = q * width + k
      plan.node[i] = node.id
      plan.code[i] = levels.indexOf(node.level) * places.length + q
      plan.importance[i] = node.importance
      plan.mask[i] = 1
    })
  )
  return plan
}

/** Per trial: each matched node's share of the last retrieve, as a mean over the queries that matched it. */
async function sharesOf(
  last: { shares: Tensor; plan: Plan } | undefined,
  batch: number
): Promise<Map<number, number>[]> {
  if (!last) return Array.from({ length: batch }, () => new Map<number, number>())
  const { shares, plan } = last
  const data = await shares.data()
  const size = plan.node.length
  return Array.from({ length: batch }, (_, b) => {
    const sums = new Map<number, { sum: number; n: number }>()
    for (let i = 0; i < size; i++) {
      if (plan.mask[i] === 0) continue
      const { sum, n } = sums.get(plan.node[i]) ?? { sum: 0, n: 0 }
      sums.set(plan.node[i], { sum: sum + data[b * size + i], n: n + 1 })
    }
    return new Map([...sums].map(([id, { sum, n }]) => [id, sum / n]))
  })
}

function treeTrace(batch: number, nodes: readonly TreeNode[], shares: readonly Map<number, number>[]): Trace {
  const shown = [...nodes].sort((a, b) => b.level - a.level || a.id - b.id).slice(0, tracedNodes)
  return {
    name: 'tree',
    title: 'Nodes, and their shares of the last retrieve',
    kind: 'tree',
    perTrial: Array.from({ length: batch }, (_, b) => ({
      nodes: shown.map((node) => (shares[b].has(node.id) ? { ...node, share: shares[b].get(node.id)! } : node))
    }))
  }
}

/**
 * Cost at the places that an item list without places has, one after another: all items of a store form one group at
 * level 1, so every query asks its own leaf and the root above it.
 * @param contentFlops what `content` takes for n nodes
 */
export function hierarchyCost(
  p: ValuesOf<typeof hierarchyParams>,
  { stored, before, queries }: Workload,
  contentFlops: (nodes: number) => number
): Cost {
  const { dim, heads, spatialDim, temporalDim, maxLevels } = p
  const roots = (items: number): number => (items > 1 && maxLevels > 1 ? 1 : 0)
  const root = roots(stored)
  const encode = (places: number): number => encodeFlops(places, spatialDim, temporalDim, dim)
  const nodes = stored + root
  const all = nodes + before + roots(before)
  const width = all > 1 && maxLevels > 1 ? 2 : Math.min(all, 1)
  const perPair = unitFlops(1, dim) + 4 * dim + 2 + 8 + dim + dim
  return {
    storeFlops:
      encode(stored) +
      2 * stored * dim +
      contentFlops(nodes) +
      root * (attendGroupsFlops(2, stored, dim, heads) + encode(1) + mlpFlops(2, [2 * dim, dim, dim])) +
      unitFlops(nodes, dim),
    retrieveFlops: queries * width * perPair + width * encode(queries),
    parameters:
      maxLevels * (dim * (spatialDim + temporalDim + 2) + mhaParameters(dim)) +
      (maxLevels - 1) * mlpParameters([2 * dim, dim, dim]),
    state: 2 * all * dim
  }
}
