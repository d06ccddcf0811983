/** This page's way to the studio: the desktop's preload bridge if there is one, otherwise a WebSocket to our server. */
import type { Bridge } from '../../src-shared/contract/index.ts'
import { desktopClient, webClient, type Client, type Web } from './clients.ts'

declare global {
  interface Window {
    engram?: Bridge
  }
}

/** The session, in a tab's own storage: no site and no other server of this machine is given it. */
const sessionKey = 'engram.session'

/**
 * Tabs of the same browser share the session: one that has none, as a link opened in a new tab, asks those that are
 * open. They hear each other by their origin, which another port is not.
 */
function shareSession(asks: boolean): void {
  const tabs = new BroadcastChannel(sessionKey)
  tabs.onmessage = ({ data }: MessageEvent<{ session?: string }>) => {
    const own = sessionStorage.getItem(sessionKey)
    if (own !== null && data.session === undefined) tabs.postMessage({ session: own })
    if (own !== null || data.session === undefined) return
    sessionStorage.setItem(sessionKey, data.session)
    location.reload()
  }
  if (asks) tabs.postMessage({})
}

/** The token of the link this page was opened with; taken out of the address at once. */
function linkToken(): string | undefined {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
  if (token !== undefined) history.replaceState(null, '', location.pathname)
  return token
}

function browser(): Web {
  let token = linkToken()
  shareSession(token === undefined && sessionStorage.getItem(sessionKey) === null)
  // A link opened in a tab that shows the studio already changes only what is behind the #.
  window.addEventListener('hashchange', () => {
    if (location.hash.startsWith('#token=')) location.reload()
  })
  return {
    open: () => new WebSocket(`ws://${location.host}/socket`),
    hello: () => (token === undefined ? { session: sessionStorage.getItem(sessionKey) ?? 'none' } : { token }),
    keep(session) {
      token = undefined
      sessionStorage.setItem(sessionKey, session)
    },
    wait: (ms, then) => void setTimeout(then, ms)
  }
}

export const bridge: Client = window.engram ? desktopClient(window.engram) : webClient(browser())
