/** The menu: the shortcuts every program of the platform has. What the studio itself does is in its pages. */
import { app, dialog, Menu, type MenuItemConstructorOptions } from 'electron'
import { whereUpdatesAre } from '../../../src-shared/text/updates.ts'

/** @param developing adds reload and developer tools */
export function menuTemplate(platform: NodeJS.Platform, developing: boolean): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin'
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    { label: '&File', submenu: [mac ? { role: 'close' } : { role: 'quit' }] },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        ...(developing ? [{ role: 'reload' } as const, { role: 'toggleDevTools' } as const, separator] : []),
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' }
      ]
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [{ label: `About ${app.name}`, click: () => void showAbout() }] }
  ]
}

function showAbout(): Promise<unknown> {
  return dialog.showMessageBox({
    type: 'info',
    title: `About ${app.name}`,
    message: `${app.name} ${app.getVersion()}`,
    detail: `${whereUpdatesAre}\n\nElectron ${process.versions.electron}, Chromium ${process.versions.chrome}`
  })
}

export function setMenu(developing: boolean): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, developing)))
}
