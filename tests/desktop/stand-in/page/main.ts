/** Runs in the page's own world before its scripts do, and waits for what the preload script exposes. */
import { World } from './worlds.ts'

declare const channel: string

if (window === window.top) new World(channel, 'main').take()
