import { describe, expect, it } from 'vitest'
import { isDelete, keysOf, type Pressed } from '../../../src-renderer/state/keys.ts'

const none = { code: '', altKey: false, ctrlKey: false, metaKey: false, shiftKey: false }
const pressed = (event: Partial<Pressed>): Pressed => ({ ...none, key: '', ...event })

describe('keysOf', () => {
  it('names the key that was pressed, whatever Option writes with it on a Mac', () => {
    expect(keysOf(pressed({ key: '¡', code: 'Digit1', altKey: true }), true)).toBe('alt+1')
    expect(keysOf(pressed({ key: 'Dead', code: 'KeyN', altKey: true }), true)).toBe('alt+n')
    expect(keysOf(pressed({ key: '1', code: 'Digit1', altKey: true }), false)).toBe('alt+1')
    expect(keysOf(pressed({ key: 'ArrowUp', code: 'ArrowUp', altKey: true }), true)).toBe('alt+arrowup')
  })
  it('takes Cmd for mod on a Mac and Ctrl elsewhere', () => {
    expect(keysOf(pressed({ key: 'k', code: 'KeyK', metaKey: true }), true)).toBe('mod+k')
    expect(keysOf(pressed({ key: 'k', code: 'KeyK', ctrlKey: true }), true)).toBe('k')
    expect(keysOf(pressed({ key: 'k', code: 'KeyK', ctrlKey: true }), false)).toBe('mod+k')
  })
  it('takes what is written, not the key, without Option: layouts differ', () => {
    expect(keysOf(pressed({ key: 'z', code: 'KeyY' }), false)).toBe('z')
    expect(keysOf(pressed({ key: '?', code: 'Minus', shiftKey: true }), false)).toBe('?')
    expect(keysOf(pressed({ key: 'Enter', code: 'Enter', shiftKey: true }), false)).toBe('shift+enter')
  })
})

describe('isDelete', () => {
  it('is Backspace too on a Mac, and there only', () => {
    expect(isDelete({ key: 'Delete' }, true)).toBe(true)
    expect(isDelete({ key: 'Backspace' }, true)).toBe(true)
    expect(isDelete({ key: 'Backspace' }, false)).toBe(false)
  })
})
