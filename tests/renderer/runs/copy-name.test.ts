import { describe, expect, it } from 'vitest'
import { copyName } from '../../../src-renderer/runs/copy-name.ts'

describe('the name of a copy', () => {
  it('says that it is one, and counts', () => {
    expect(copyName('Capacity')).toBe('Capacity (copy)')
    expect(copyName('Capacity (copy)')).toBe('Capacity (copy 2)')
    expect(copyName('Capacity (copy 9)')).toBe('Capacity (copy 10)')
  })

  it('stays within the length a name may have', () => {
    expect(copyName('x'.repeat(200))).toHaveLength(200)
    expect(copyName('x'.repeat(200)).endsWith(' (copy)')).toBe(true)
  })
})
