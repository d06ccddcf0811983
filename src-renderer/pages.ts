import CircleHelp from '@lucide/svelte/icons/circle-question-mark'
import Calculator from '@lucide/svelte/icons/calculator'
import BookOpen from '@lucide/svelte/icons/book-open'
import FileText from '@lucide/svelte/icons/file-text'
import GitCompare from '@lucide/svelte/icons/git-compare'
import HistoryIcon from '@lucide/svelte/icons/history'
import Library from '@lucide/svelte/icons/library'
import Play from '@lucide/svelte/icons/play'
import Settings from '@lucide/svelte/icons/settings'
import SquarePen from '@lucide/svelte/icons/square-pen'
import type { Component } from 'svelte'
import type { Icon } from './components/icon.ts'
import CatalogPage from './pages/catalog/CatalogPage.svelte'
import ComparePage from './pages/compare/ComparePage.svelte'
import ComposePage from './pages/compose/ComposePage.svelte'
import CostPage from './pages/cost/CostPage.svelte'
import GuidePage from './pages/guide/GuidePage.svelte'
import HistoryPage from './pages/history/HistoryPage.svelte'
import RecallPage from './pages/recall/RecallPage.svelte'
import ReportPage from './pages/report/ReportPage.svelte'
import RunPage from './pages/run/RunPage.svelte'
import SettingsPage from './pages/settings/SettingsPage.svelte'

export interface PageEntry {
  /** First segment of its address: `#/compose`. */
  id: string
  title: string
  icon: Icon
  component: Component
  /** What it shows is in its address: it is opened again where it was left. */
  resumes?: true
}

/** The pages, in the order of the sidebar. Adding a page = one line (and its imports). */
export const pages: readonly PageEntry[] = [
  { id: 'compose', title: 'Compose', icon: SquarePen, component: ComposePage },
  { id: 'run', title: 'Run', icon: Play, component: RunPage },
  { id: 'compare', title: 'Compare', icon: GitCompare, component: ComparePage, resumes: true },
  { id: 'cost', title: 'Cost', icon: Calculator, component: CostPage },
  { id: 'recall', title: 'Free recall', icon: BookOpen, component: RecallPage, resumes: true },
  { id: 'report', title: 'Reports', icon: FileText, component: ReportPage },
  { id: 'history', title: 'History', icon: HistoryIcon, component: HistoryPage, resumes: true },
  { id: 'models', title: 'Models', icon: Library, component: CatalogPage },
  { id: 'settings', title: 'Settings', icon: Settings, component: SettingsPage },
  { id: 'guide', title: 'Guide', icon: CircleHelp, component: GuidePage }
]
