/** What no page of ours ever needs, switched off for every page there is: permissions, navigation, windows, webviews. */
import { app, session, shell } from 'electron'
import { isAllowedLink } from '../links.ts'
import { isDevelopersPage } from './protocol.ts'

/** Deny every permission: asked for, checked, or for a device. */
export function denyPermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
  session.defaultSession.setDevicePermissionHandler(() => false)
}

/** Keep every page where it is; a link to an allowed site opens in the system's browser instead. */
export function denyNavigation(): void {
  app.on('web-contents-created', (_event, contents) => {
    const stay = (event: { url?: string; preventDefault(): void }): void => {
      if (!event.url || !isDevelopersPage(event.url)) event.preventDefault()
    }
    contents.on('will-navigate', stay)
    contents.on('will-redirect', stay)
    contents.on('will-frame-navigate', stay)
    contents.on('will-attach-webview', stay)
    contents.setWindowOpenHandler(({ url }) => {
      if (isAllowedLink(url)) void shell.openExternal(url)
      return { action: 'deny' }
    })
  })
}
