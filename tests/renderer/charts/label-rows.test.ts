import { expect, it } from 'vitest'
import { labelRows } from '../../../src-renderer/charts/label-rows.ts'

const at = (...centres: number[]) => centres.map((centre) => ({ centre, width: 40 }))

it('labels that stand apart share a row, whatever order they come in', () => {
  expect(labelRows(at(200, 20, 100))).toEqual([0, 0, 0])
  expect(labelRows([])).toEqual([])
})

it('labels that would lie over each other take a row each, and a later one the first that is free', () => {
  expect(labelRows(at(100, 110, 120))).toEqual([0, 1, 2])
  expect(labelRows(at(100, 110, 150))).toEqual([0, 1, 0])
  expect(labelRows(at(50, 50))).toEqual([0, 1])
})
