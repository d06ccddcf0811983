import { expect, it } from 'vitest'
import { storedTrace } from '../../../../src-main/engine/worker/stored-trace.ts'

const small = Math.fround(1e-8)

it('a stored trace is one trial’s, with the digits of a float32', () => {
  const gate = {
    name: 'gate',
    title: 'Gate',
    kind: 'line',
    perTrial: [
      { shape: [2], data: [1, 2] },
      { shape: [2], data: [Math.fround(0.1), small] }
    ]
  } as const
  expect(storedTrace(gate, 1)).toEqual({
    name: 'gate',
    title: 'Gate',
    kind: 'line',
    value: { shape: [2], data: [0.1, 1e-8] }
  })
  const { value } = storedTrace(gate, 1)
  expect('data' in value && Math.fround(value.data[0])).toBe(Math.fround(0.1))
})
it('a stored map keeps what could be seen beside its strongest colour', () => {
  const map = {
    name: 'm',
    title: 'M',
    kind: 'heatmap',
    perTrial: [{ shape: [1, 4], data: [-0.5, 1e-6, 4e-7, 0] }]
  } as const
  expect(storedTrace(map, 0).value).toEqual({ shape: [1, 4], data: [-0.5, 0.000001, 0, 0] })
})
it('a tree is stored as it is', () => {
  const nodes = [
    { id: 0, parent: null, level: 0, start: { time: 0, position: 0 }, end: { time: 1 / 3, position: 0 }, importance: 1 }
  ]
  expect(storedTrace({ name: 't', title: 'T', kind: 'tree', perTrial: [{ nodes }] }, 0).value).toEqual({ nodes })
})
