/** This page's way to the studio: the desktop's preload bridge if there is one, otherwise a WebSocket to our server. */
import type { Bridge } from '../../src-shared/contract/index.ts'
import { desktopClient, webClient, type Client, type Web } from './clients.ts'

declare global {
  interface Window {
    engram?: Bridge
  }
}

const browser: Web = {
  open: () => new WebSocket(`ws://${location.host}/socket`),
  admitted: () =>
    fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
      (response) => response.status !== 401,
      () => true
    ),
  wait: (ms, then) => void setTimeout(then, ms)
}

export const bridge: Client = window.engram ? desktopClient(window.engram) : webClient(browser)
