import { beforeAll, describe, expect, it, vi } from 'vitest'
import { denyNavigation, denyPermissions } from '../../../../src-main/hosts/desktop/lockdown.ts'
import { app, permissions, shell, StandInContents } from './stand-in.ts'

vi.mock('electron', () => import('./stand-in.ts'))

describe('denyPermissions', () => {
  beforeAll(denyPermissions)
  it('denies what a page asks for', () => {
    const decide = vi.fn()
    permissions.request!(...([{}, 'media', decide] as never[]))
    expect(decide).toHaveBeenCalledExactlyOnceWith(false)
  })
  it('denies what is only checked, and every device', () => {
    expect(permissions.check!(...([{}, 'clipboard-read'] as never[]))).toBe(false)
    expect(permissions.device!(...([{}] as never[]))).toBe(false)
  })
})

describe('denyNavigation', () => {
  const contents = new StandInContents()
  beforeAll(() => {
    denyNavigation()
    app.emit('web-contents-created', {}, contents)
  })
  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview'])('prevents %s', (name) => {
    const event = { preventDefault: vi.fn() }
    contents.emit(name, event)
    expect(event.preventDefault).toHaveBeenCalledOnce()
  })
  it('lets the page of the development server load itself anew, in no package', () => {
    vi.stubEnv('ELECTRON_RENDERER_URL', 'http://localhost:5173')
    const prevented = (url: string): boolean => {
      const event = { url, preventDefault: vi.fn() }
      contents.emit('will-navigate', event)
      return event.preventDefault.mock.calls.length > 0
    }
    app.isPackaged = false
    expect(prevented('http://localhost:5173/#/history')).toBe(false)
    expect(prevented('http://localhost:5174/')).toBe(true)
    expect(prevented('no address')).toBe(true)
    app.isPackaged = true
    expect(prevented('http://localhost:5173/')).toBe(true)
    vi.unstubAllEnvs()
  })
  it('opens no window, and a link of the list in the system’s browser', () => {
    expect(contents.openHandler!({ url: 'https://doi.org/10.1/x' })).toEqual({ action: 'deny' })
    expect(shell.openExternal).toHaveBeenCalledExactlyOnceWith('https://doi.org/10.1/x')
  })
  it.each(['https://evil.example/', 'file:///etc/passwd', 'app://studio/index.html', 'javascript:alert(1)'])(
    'opens nothing for %s',
    (url) => {
      shell.openExternal.mockClear()
      expect(contents.openHandler!({ url })).toEqual({ action: 'deny' })
      expect(shell.openExternal).not.toHaveBeenCalled()
    }
  )
})
