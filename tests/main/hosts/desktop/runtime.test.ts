import { describe, expect, it, vi } from 'vitest'
import { findDesktop, type Machine } from '../../../../src-main/hosts/desktop/runtime.ts'

const desktop: Machine = {
  platform: 'linux',
  env: { DISPLAY: ':0' },
  root: false,
  runtime: () => '/electron',
  fetchRuntime: () => {
    throw new Error('fetched')
  }
}

describe('findDesktop', () => {
  it('takes the runtime that is there', () => expect(findDesktop(desktop)).toEqual({ executable: '/electron' }))
  it('fetches a runtime that is missing', () => {
    let there = false
    expect(
      findDesktop({
        ...desktop,
        runtime: () => (there ? '/electron' : undefined),
        fetchRuntime: () => (there = true)
      })
    ).toEqual({ executable: '/electron' })
  })
  it('says why when it cannot be fetched', () =>
    expect(findDesktop({ ...desktop, runtime: () => undefined, fetchRuntime: () => false })).toEqual({
      reason: 'Electron’s runtime could not be fetched'
    }))
  it('fetches nothing without a display or as root', () => {
    const fetchRuntime = vi.fn(() => true)
    const missing = { ...desktop, runtime: () => undefined, fetchRuntime }
    expect(findDesktop({ ...missing, env: {} })).toEqual({ reason: 'this machine has no display' })
    expect(findDesktop({ ...missing, root: true })).toHaveProperty('reason')
    expect(fetchRuntime).not.toHaveBeenCalled()
  })
  it('takes a display for granted elsewhere', () =>
    expect(findDesktop({ ...desktop, platform: 'darwin', env: {} })).toEqual({ executable: '/electron' }))
})
