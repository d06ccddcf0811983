/** This page's way to the studio: the desktop's preload bridge if there is one, otherwise a WebSocket to our server. */
import type { Bridge } from '../../src-shared/contract/index.ts'
import { desktopClient, webClient, type Client, type Web } from './clients.ts'

declare global {
  interface Window {
    engram?: Bridge
  }
}

/** This tab's session, in its own storage: no other tab, site or server of this machine is given it. */
const sessionKey = 'engram.session'

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
