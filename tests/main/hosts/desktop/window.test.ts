import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { menuTemplate } from '../../../../src-main/hosts/desktop/menu.ts'
import { openWindow } from '../../../../src-main/hosts/desktop/window.ts'
import { readWindowState } from '../../../../src-main/hosts/desktop/window-state.ts'
import { answer, app, type BrowserWindow } from './stand-in.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

vi.mock('electron', () => import('./stand-in.ts'))

const folder = temporaryFolder('window')
const file = join(folder, 'window.json')
const open = (): BrowserWindow => openWindow('/preload.cjs', file) as unknown as BrowserWindow

describe('the window', () => {
  it('is isolated, sandboxed, without Node and webviews, and shows our own page', () => {
    const window = open()
    expect(window.options.webPreferences).toMatchObject({
      preload: '/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false
    })
    expect(window.loadURL).toHaveBeenCalledWith('app://studio/index.html')
  })

  it('tells npm start once it shows', () => {
    const send = vi.fn()
    const real = process.send
    process.send = send
    const window = open()
    expect(send).not.toHaveBeenCalled()
    window.emit('ready-to-show')
    expect(window.show).toHaveBeenCalledOnce()
    expect(send).toHaveBeenCalledExactlyOnceWith('seen')
    process.send = real
  })

  it('opens where it was closed', () => {
    open().emit('close')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ x: 10, y: 20, width: 1000, height: 700, maximized: false })
    expect(open().options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 })
  })
})

describe('a window that was maximised', () => {
  it('is shown so, and not before there is something in it', () => {
    writeFileSync(file, JSON.stringify({ x: 0, y: 0, width: 800, height: 600, maximized: true }))
    const window = open()
    expect(window.maximize).not.toHaveBeenCalled()
    window.emit('ready-to-show')
    expect(window.maximize).toHaveBeenCalledOnce()
    expect(window.show).not.toHaveBeenCalled()
  })
  it('has the studio’s icon', () => {
    expect(existsSync(open().options.icon as string)).toBe(true)
  })
})

describe('a page that dies', () => {
  const die = (window: BrowserWindow, reason = 'crashed'): void =>
    void window.webContents.emit('render-process-gone', {}, { reason })
  it('is loaded again, but not for ever unasked', async () => {
    const window = open()
    die(window, 'clean-exit')
    expect(window.webContents.reload).not.toHaveBeenCalled()
    die(window)
    die(window)
    expect(window.webContents.reload).toHaveBeenCalledTimes(2)
    answer.response = 1
    app.quit.mockClear()
    die(window)
    await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce())
    expect(window.webContents.reload).toHaveBeenCalledTimes(2)
    answer.response = 0
  })
})

describe('readWindowState', () => {
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }]
  const read = (content: string): unknown => {
    writeFileSync(file, content)
    return readWindowState(file, screens)
  }
  const state = { x: 0, y: 0, width: 800, height: 600, maximized: true }

  it('takes what can be seen', () => expect(read(JSON.stringify(state))).toEqual(state))
  it.each([
    ['no JSON', 'x'],
    ['a place on a screen that is gone', JSON.stringify({ ...state, x: 3000 })],
    ['a title bar above the screen', JSON.stringify({ ...state, y: -700 })],
    ['no size', JSON.stringify({ ...state, width: 0 })],
    ['a size that is no number', JSON.stringify({ ...state, width: '800' })]
  ])('forgets %s', (_what, content) => expect(read(content)).toBeUndefined())
  it('does without a file', () => expect(readWindowState(join(folder, 'none.json'), screens)).toBeUndefined())
})

describe('the menu', () => {
  const roles = (developing: boolean, platform: NodeJS.Platform = 'linux'): string[] =>
    menuTemplate(platform, developing).flatMap((item) => [
      item.role ?? '',
      ...(Array.isArray(item.submenu) ? item.submenu.map((inner) => inner.role ?? '') : [])
    ])
  it('has what every program has', () => {
    for (const role of ['quit', 'editMenu', 'resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen', 'windowMenu'])
      expect(roles(false)).toContain(role)
    expect(roles(false, 'darwin')).toContain('appMenu')
  })
  it('has developer tools only while developing', () => {
    expect(roles(true)).toContain('toggleDevTools')
    expect(roles(false)).not.toContain('toggleDevTools')
    expect(roles(false)).not.toContain('reload')
  })
})
