/** This page's way to the studio: the desktop's preload bridge if there is one, otherwise a WebSocket to our server. */
import type { Bridge } from '../../src-shared/contract/index.ts'
import { desktopClient, webClient, type Client, type ConnectionState, type Web } from './clients.ts'

declare global {
  interface Window {
    engram?: Bridge
  }
}

/** The session, in a tab's own storage: no site and no other server of this machine is given it. */
const sessionKey = 'engram.session'

/**
 * Tabs of the same browser share the session: one that is not let in, as an address opened in a new tab, is given it by
 * one that is. They hear each other by their origin, which another port is not.
 */
function shareSession({ connection }: Client): void {
  const tabs = new BroadcastChannel(sessionKey)
  const own = (): string | null => sessionStorage.getItem(sessionKey)
  let state: ConnectionState = 'connecting'
  connection.subscribe((next) => {
    state = next
    if (state === 'refused') tabs.postMessage({})
    if (state === 'connected') tabs.postMessage({ session: own() })
  })
  tabs.onmessage = ({ data }: MessageEvent<{ session?: string }>) => {
    if (data.session === undefined) {
      if (state === 'connected') tabs.postMessage({ session: own() })
    } else if (state === 'refused' && data.session !== own()) {
      sessionStorage.setItem(sessionKey, data.session)
      location.reload()
    }
  }
}

/** The token of the link this page was opened with; taken out of the address at once. */
function linkToken(): string | undefined {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
  if (token !== undefined) history.replaceState(null, '', location.pathname)
  return token
}

function browser(): Web {
  let token = linkToken()
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
if (!window.engram) shareSession(bridge)
