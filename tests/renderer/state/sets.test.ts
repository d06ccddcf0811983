import { describe, expect, it } from 'vitest'
import { setOf, toggled } from '../../../src-renderer/state/sets.ts'

describe('a set as state', () => {
  it('is replaced and not changed', () => {
    const before = setOf(['a'])
    expect([...toggled(before, 'b')]).toEqual(['a', 'b'])
    expect([...toggled(before, 'a')]).toEqual([])
    expect([...before]).toEqual(['a'])
  })

  it('stays as it is when it already is as asked', () => {
    expect([...toggled(setOf(['a']), 'a', true)]).toEqual(['a'])
    expect([...toggled(setOf(['a']), 'b', false)]).toEqual(['a'])
  })
})
