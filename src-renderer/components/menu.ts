import type { Icon } from './icon.ts'

export interface MenuItem {
  label: string
  icon?: Icon
  keys?: string
  danger?: boolean
  disabled?: boolean
  /** A line above it. */
  separated?: boolean
  run: () => void
}
