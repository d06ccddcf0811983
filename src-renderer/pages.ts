import Settings from '@lucide/svelte/icons/settings'
import type { Component } from 'svelte'
import type { Icon } from './components/icon.ts'
import SettingsPage from './pages/settings/SettingsPage.svelte'

export interface PageEntry {
  /** First segment of its address: `#/compose`. */
  id: string
  title: string
  icon: Icon
  component: Component
}

/** The pages, in the order of the sidebar. Adding a page = one line (and its imports). */
export const pages: readonly PageEntry[] = [
  { id: 'settings', title: 'Settings', icon: Settings, component: SettingsPage }
]
