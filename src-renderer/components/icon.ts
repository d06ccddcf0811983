import type { LucideProps } from '@lucide/svelte'
import type { Component } from 'svelte'

/** An icon of @lucide/svelte; it hides itself from screen readers unless it is given a label. */
export type Icon = Component<LucideProps>
