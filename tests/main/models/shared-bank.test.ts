/** One bank for a whole stack, against a ring buffer that is written and read token by token in plain loops. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import { Scope } from '../../../src-shared/shapes/scope.ts'
import { countFlops } from '../../support/count-flops.ts'
import { registry } from '../../support/drive-memory.ts'

beforeAll(() => useBackend('cpu'))

type Row = number[]
type Matrix = Row[]
type Given = Record<string, unknown>

const dim = 6
const tokens = (length: number, phase: number): Matrix =>
  Array.from({ length }, (_, t) => Array.from({ length: dim }, (_, i) => Math.sin(1.3 * t * dim + 2.1 * i + phase)))
const dot = (a: Row, b: Row): number => a.reduce((sum, x, i) => sum + x * b[i], 0)
const times = (m: Matrix, x: Row): Row => m.map((row) => dot(row, x))

interface Block {
  memory: Memory
  params: Given
  w: Record<string, Matrix>
}

function build(scope: Scope | undefined, name: string, given: Given): Block {
  const w: Record<string, Matrix> = {}
  const source = philoxWeights([name])
  const params = registry.fill('episodic-cmr', { dim, ...given })
  const memory = registry.build(
    'episodic-cmr',
    params,
    1,
    (name, shape, init) => {
      const tensor = source(name, shape, init)
      const data = Array.from(tensor.dataSync())
      const width = shape[1] ?? 1
      w[name] = Array.from({ length: shape[0] }, (_, i) => data.slice(i * width, (i + 1) * width))
      return tensor
    },
    true,
    scope
  )
  return { memory, params: { bank: 'own', ...params }, w }
}

/** What blocks with one bank answer to calls: inputs[call][block][token]. */
function reference(blocks: readonly Block[], inputs: readonly Matrix[][], turns: readonly number[]): Matrix[][] {
  const { memorySlots, decay } = blocks[0].params as { memorySlots: number; decay: number }
  let ring: { call: number; block: number; key: Row; value: Row }[] = []
  return inputs.map((given, call) => {
    const length = given[0].length
    const answers: Matrix[] = blocks.map(() => [])
    if (blocks[0].params.flush === 'call') ring = []
    const begun = blocks.map(() => ({ ring, tokens: [] as Matrix }))
    for (let t = 0; t < length; t++) {
      for (const [b, { params, w }] of blocks.entries()) {
        // The bank as it stood when the segment began.
        if (begun[b].tokens.length === 0) begun[b].ring = ring.map((entry) => ({ ...entry }))
        begun[b].tokens.push(given[b][t])
        const seen = begun[b].ring.filter((entry) => entry.call < call || entry.block <= b)
        const heads = params.heads as number
        const size = dim / heads
        const c = times(w['W_q.weight'], given[b][t])
        const joined = Array.from({ length: heads }, (_, h) => {
          const part = (x: Row): Row => x.slice(h * size, (h + 1) * size)
          const scores = seen.map(({ key }) => Math.exp(dot(part(c), part(key)) / Math.sqrt(size)))
          const sum = scores.reduce((x, y) => x + y, 0)
          return Array.from({ length: size }, (_, i) =>
            seen.reduce((y, { value }, n) => y + (scores[n] / sum) * part(value)[i], 0)
          )
        }).flat()
        answers[b].push(times(w['out.weight'], joined).map((y, i) => y + w['out.bias'][i][0]))
      }
      for (const [b, { params, w }] of blocks.entries()) {
        const own = begun[b].tokens
        const ended = params.write === 'turn' ? turns.includes(t) : own.length === params.segment
        if (!ended && t < length - 1) continue
        const summary =
          params.summary === 'last'
            ? own[own.length - 1]
            : own[0].map((_, i) => own.reduce((sum, x) => sum + x[i], 0) / own.length)
        ring = ring.map((entry) => ({ ...entry, value: entry.value.map((v) => v * decay) }))
        ring.push({
          ...{ call, block: b },
          key: times(w['W_q.weight'], summary),
          value: times(w['W_v.weight'], summary)
        })
        ring = ring.slice(-memorySlots)
        begun[b].tokens = []
      }
    }
    return answers
  })
}

function answers(blocks: readonly Block[], inputs: readonly Matrix[][], turns: readonly number[]): Matrix[][] {
  return inputs.map((given) =>
    blocks.map(
      ({ memory }, b) => tf.tidy(() => memory.forward!(tf.tensor([given[b]]), { turns }).arraySync() as number[][][])[0]
    )
  )
}

function near(got: Matrix[][], wanted: Matrix[][]): void {
  got.forEach((call, c) =>
    call.forEach((block, b) =>
      block.forEach((row, t) => row.forEach((x, i) => expect(Math.abs(x - wanted[c][b][t][i])).toBeLessThan(1e-5)))
    )
  )
}

const lengths = [7, 4, 9]
const callsFor = (count: number): Matrix[][] =>
  lengths.map((length, call) => Array.from({ length: count }, (_, b) => tokens(length, 10 * call + 3 * b)))

describe('a bank shared by the blocks of a stack', () => {
  const same = { heads: 2, memorySlots: 5, bank: 'shared' }
  it.each<[string, Given[]]>([
    ['of two blocks', [same, same]],
    ['of three blocks, more than its entries at every token', [1, 2, 3].map(() => ({ ...same, memorySlots: 2 }))],
    ['that never overflows', [1, 2, 3].map(() => ({ ...same, memorySlots: 100 }))],
    ['whose values fade', [same, same].map((p) => ({ ...p, decay: 0.8 }))],
    ['that is flushed', [same, same].map((p) => ({ ...p, flush: 'call' }))],
    [
      'of blocks with segments, summaries and heads of their own',
      [
        { ...same, segment: 3 },
        { ...same, segment: 2, summary: 'mean', heads: 3 },
        { ...same, heads: 1 }
      ]
    ],
    ['written turn by turn beside fixed segments', [{ ...same, write: 'turn' }, same]]
  ])('%s is one ring buffer, token by token', (_, given) => {
    const scope = new Scope()
    const blocks = given.map((params, b) => build(scope, `block ${b}`, params))
    const inputs = callsFor(blocks.length)
    const turns = [1, 4, 5]
    const wanted = reference(blocks, inputs, turns)
    near(answers(blocks, inputs, turns), wanted)
    blocks[1].memory.reset()
    near(answers(blocks, inputs, turns), wanted)
  })

  it('of one block, or outside a stack, is the bank of that block, to the last bit', () => {
    const inputs = callsFor(1)
    const [own] = [answers([build(undefined, 'a', { ...same, bank: 'own' })], inputs, [])]
    expect(answers([build(undefined, 'a', same)], inputs, [])).toEqual(own)
    expect(answers([build(new Scope(), 'a', same)], inputs, [])).toEqual(own)
  })

  it.each(['memorySlots', 'dim', 'decay', 'flush'])('refuses blocks that disagree on %s, and names it', (name) => {
    const other = { memorySlots: 6, dim: 8, decay: 0.5, flush: 'call' }[name]
    const scope = new Scope()
    build(scope, 'a', same)
    expect(() => build(scope, 'b', { ...same, [name]: other })).toThrow(
      expect.objectContaining({ data: { code: 'bad-input', field: name, message: expect.any(String) as string } })
    )
  })

  it('refuses to be written by events, and says why', () => {
    expect(() => build(new Scope(), 'a', { ...same, write: 'event' })).toThrow(
      expect.objectContaining({
        data: { code: 'bad-input', field: 'write', message: expect.stringContaining('not known') as string }
      })
    )
  })
})

describe('a transformer', () => {
  const stack = (layers: number, bank: string, blocks: Given[]): Given => ({
    ...{ dim: 8, layers, expansion: 1 },
    blocks: blocks.map(({ kind, ...params }) => ({
      kind,
      params: { dim: 8, heads: 2, memorySlots: 5, ...params, bank }
    }))
  })
  const kinds = [
    { kind: 'hybrid' },
    { kind: 'parallel-attention-cmr', memory: 'episodic' },
    { kind: 'series-attention-cmr', memory: 'episodic' },
    { kind: 'episodic-cmr' }
  ]
  function run(params: Given, seeds: readonly string[]): number[][] {
    const memory = registry.build(
      'transformer',
      registry.fill('transformer', params),
      seeds.length,
      philoxWeights(seeds)
    )
    const x = (call: number): tf.Tensor =>
      tf.tensor(
        Float32Array.from({ length: seeds.length * 56 }, (_, i) =>
          Math.sin(Number(seeds[Math.floor(i / 56)]) + 1.7 * (i % 56) + call)
        ),
        [seeds.length, 7, 8]
      )
    const out = tf.tidy(() => [0, 1].map((call) => memory.forward!(x(call)).arraySync() as number[][][]))
    memory.dispose()
    return seeds.map((_, b) => out.flatMap((call) => call[b].flat()))
  }
  const apart = (a: Row, b: Row): number => Math.max(...a.map((v, i) => Math.abs(v - b[i])))

  it('of one layer answers alike with a shared bank and with one of its own', () => {
    for (const one of kinds) expect(run(stack(1, 'shared', [one]), ['1'])).toEqual(run(stack(1, 'own', [one]), ['1']))
  })

  it('of several layers, alike or mixed, shares one bank whatever block it lies in; each trial has its own', () => {
    for (const blocks of [...kinds.map((one) => [one]), kinds]) {
      const shared = stack(4, 'shared', blocks)
      const together = run(shared, ['1', '2'])
      expect(apart(together[0], run(stack(4, 'own', blocks), ['1'])[0])).toBeGreaterThan(1e-4)
      for (const [b, seed] of ['1', '2'].entries())
        expect(apart(together[b], run(shared, [seed])[0])).toBeLessThan(1e-5)
    }
  })

  it('leaves no tensor behind, also when a call ended halfway', () => {
    const before = tf.memory().numTensors
    run(stack(4, 'shared', kinds), ['1', '2'])
    const scope = new Scope()
    const blocks = ['a', 'b'].map((name) => build(scope, name, { heads: 2, memorySlots: 3, bank: 'shared' }))
    const half = (): void => tf.tidy(() => void blocks[0].memory.forward!(tf.ones([1, 3, dim])))
    half()
    half()
    for (const { memory } of blocks) memory.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('counts the bank once, and what each layer reads of the layers before it', async () => {
    const source = philoxWeights(['count'])
    for (const blocks of [[{ kind: 'episodic-cmr' }], [{ kind: 'hybrid', chunk: 4 }, { kind: 'episodic-cmr' }]]) {
      const params = registry.fill('transformer', stack(3, 'shared', blocks))
      const cost = registry.cost('transformer', params, { stored: 0, before: 0, queries: 0, tokens: 12 })
      const own = registry.cost('transformer', registry.fill('transformer', stack(3, 'own', blocks)), {
        ...{ stored: 0, before: 0, queries: 0, tokens: 12 }
      })
      expect(own.state - cost.state).toBe(2 * (2 * 5 * 8))
      const memory = registry.build('transformer', params, 1, source, false)
      const counted = await countFlops(() => memory.forward!(tf.ones([1, 12, 8])))
      memory.dispose()
      expect(Math.abs(cost.forwardFlops! - counted)).toBeLessThan(0.05 * counted)
    }
  })
})
