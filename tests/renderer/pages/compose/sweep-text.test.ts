import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisValues } from '../../../../src-shared/grid/expand.ts'
import { checkParam, number } from '../../../../src-shared/shapes/params.ts'
import type { Axis } from '../../../../src-shared/shapes/experiment.ts'
import {
  rangeAdvice,
  readNumber,
  readNumbers,
  readSweep,
  sweepOf,
  writeSweep
} from '../../../../src-renderer/pages/compose/sweep-text.ts'

const valuesOf = (text: string, type: 'integer' | 'number' = 'integer'): unknown[] =>
  axisValues({ param: 'task.x', ...readSweep(text, type) } as Axis)

describe('a sweep as text', () => {
  it('reads lists with commas, semicolons or spaces', () => {
    for (const text of ['5, 10, 20', '5;10;20', ' 5 10  20 ', '5,10,20,'])
      expect(readSweep(text, 'integer')).toEqual({ values: [5, 10, 20] })
    expect(readSweep('.5, 1e-3, -2', 'number')).toEqual({ values: [0.5, 0.001, -2] })
  })

  it('is no list where a comma stands for the decimal point; a list of three needs no spaces', () => {
    expect(readSweep('0,5', 'number')).toEqual({ values: ['0,5'] })
    expect(readSweep('0,5; 1,5', 'number')).toEqual({ values: ['0,5', '1,5'] })
    for (const text of ['0,5..1,5 x3', '0,1,0,2']) expect(readSweep(text, 'number')).toEqual({ values: [text] })
    expect(readSweep('5,10,20', 'number')).toEqual({ values: [5, 10, 20] })
    const rate = number('Rate', 1, { help: '', min: 0, max: 2 })
    expect(checkParam(rate, '0,5')).toBe(
      'Rate must be a number: "0,5" has a decimal comma; decimals have a point here: 0.5.'
    )
    expect(checkParam(rate, '0,5..1,5 x3')).toMatch(/decimals have a point here: 0\.5\.\.1\.5 x3\.$/)
    expect(checkParam(rate, '0,1,0,2')).toMatch(/decimals have a point here: 0\.1, 0\.2\.$/)
    expect(checkParam(rate, '1,2,3,4')).not.toMatch(/decimal/)
  })

  it('reads whole-number ranges, up and down', () => {
    expect(valuesOf('1..5')).toEqual([1, 2, 3, 4, 5])
    expect(valuesOf('3..1')).toEqual([3, 2, 1])
    expect(valuesOf('0..2', 'number')).toEqual([0, 1, 2])
  })

  it('reads ranges with a number of values, linear and logarithmic', () => {
    expect(valuesOf('0..1 x5', 'number')).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(valuesOf('0.001..1 log 4', 'number')).toEqual([0.001, 0.01, 0.1, 1])
    expect(valuesOf('1..100 log 3')).toEqual([1, 10, 100])
    expect(valuesOf('1..4 x2', 'integer')).toEqual([1, 4])
  })

  it('reads yes and no, and names', () => {
    expect(readSweep('true, false', 'boolean')).toEqual({ values: [true, false] })
    expect(readSweep('no yes', 'boolean')).toEqual({ values: [false, true] })
    expect(readSweep('exact, noise', 'choice')).toEqual({ values: ['exact', 'noise'] })
  })

  it('keeps how likely each value is drawn', () => {
    const axis = { values: [5, 10], probabilities: [0.9, 0.1] }
    expect(readSweep('5, 10 @ 0.9, 0.1', 'integer')).toEqual(axis)
    expect(writeSweep(sweepOf({ param: 'task.items', ...axis }))).toBe('5, 10 @ 0.9, 0.1')
    expect(readSweep('exact, noise @ 0.25 0.75', 'choice')).toEqual({
      values: ['exact', 'noise'],
      probabilities: [0.25, 0.75]
    })
    expect(readSweep('5, 10 @', 'integer')).toEqual({ values: [5, 10], probabilities: [] })
  })

  it('keeps what is no value as text, for the check to refuse', () => {
    expect(readSweep('5, ten', 'integer')).toEqual({ values: [5, 'ten'] })
    expect(readSweep('0..0.5', 'number')).toEqual({ values: ['0..0.5'] })
    expect(readSweep('1..5000', 'integer')).toEqual({ values: ['1..5000'] })
    expect(readSweep('1..9 x1', 'integer')).toEqual({ values: ['1..9 x1'] })
    expect(readSweep('', 'integer')).toEqual({ values: [] })
    expect(readSweep('maybe', 'boolean')).toEqual({ values: ['maybe'] })
  })

  it('is written so that it reads back as the same values', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((v) => v + 0)
    const list = fc.record({ values: fc.array(number, { minLength: 1, maxLength: 8 }) })
    const range = fc.record({
      from: fc.integer({ min: 1, max: 50 }),
      to: fc.integer({ min: 51, max: 5000 }),
      steps: fc.integer({ min: 2, max: 60 }),
      scale: fc.constantFrom('linear' as const, 'log' as const),
      integer: fc.constant(true)
    })
    fc.assert(
      fc.property(fc.oneof(list, range), (sweep) => {
        const axis = { param: 'task.x', ...sweep } as Axis
        const again = { param: 'task.x', ...readSweep(writeSweep(sweepOf(axis)), 'integer') } as Axis
        expect(axisValues(again)).toEqual(axisValues(axis))
      })
    )
  })
})

describe('a number as text', () => {
  it('is a number, nothing, or what was typed', () => {
    expect([' 12 ', '1e-3', '-.5', '3.'].map(readNumber)).toEqual([12, 0.001, -0.5, 3])
    expect([readNumber(''), readNumber('  ')]).toEqual([undefined, undefined])
    expect(['0,5', 'abc', '0x10', 'Infinity', '1e999', '-'].map(readNumber)).toEqual([
      '0,5',
      'abc',
      '0x10',
      'Infinity',
      '1e999',
      '-'
    ])
    expect(readNumbers('1, x 2')).toEqual([1, 'x', 2])
  })
})

describe('a range that cannot be read', () => {
  it('says that it is one, how many values it has, and how to write it', () => {
    expect(rangeAdvice('1..1000000')).toBe(
      '1..1000000 is a range of 1,000,000 values, at most 1,000 are allowed: write 1..1000000 x5 for five equal steps, or 1..1000000 log 7 for seven at equal ratios.'
    )
    expect(rangeAdvice('0..0.5')).toBe(
      '0..0.5 is a range that does not say how many values it has: write 0..0.5 x5 for five equal steps.'
    )
    expect(rangeAdvice('1..5 x1')).toContain('A range has 2 to 1,000 values')
  })
  it('is silent about what is no range', () => {
    for (const text of ['5, 10', 'abc', '1..', '']) expect(rangeAdvice(text)).toBeUndefined()
  })
})
