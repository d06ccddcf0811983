/** What can be done with runs from more than one page. */
import type { Run } from '../../src-shared/contract.ts'
import { fileName, saveFile } from '../save.ts'
import { copyName } from './copy-name.ts'
import { ask } from '../state/ask.ts'
import { notify } from '../state/notify.svelte.ts'
import { route } from '../state/route.svelte.ts'
import { settings } from '../state/settings.svelte.ts'
import type { MenuItem } from '../components/menu.ts'

/** Open a run's experiment as the draft in Compose. A draft that is there is only replaced after a question. */
export async function duplicate(run: Pick<Run, 'id' | 'name'>): Promise<void> {
  try {
    const { experiment } = await ask('runs.get', { id: run.id })
    const draft = settings.layout('compose')
    const replaces = typeof draft === 'object' && draft !== null
    if (
      replaces &&
      !(await notify.confirm({
        title: 'Replace the draft in Compose?',
        text: `The experiment that is open in Compose makes room for a copy of "${run.name}".`,
        confirm: 'Replace the draft'
      }))
    )
      return
    settings.remember('compose', JSON.parse(JSON.stringify({ ...experiment, name: copyName(run.name) })))
    route.go('/compose')
  } catch (error) {
    notify.failure(error)
  }
}

export const compareAddress = (ids: readonly string[]): string => `/compare?runs=${ids.join(',')}`

const formats = [
  { format: 'html', label: 'Export HTML report' },
  { format: 'csv-long', label: 'Export CSV, one row per number' },
  { format: 'csv-wide', label: 'Export CSV, one row per trial' },
  { format: 'csv-pivot', label: 'Export CSV, tables as printed' },
  { format: 'latex', label: 'Export LaTeX tables and methods' },
  { format: 'json', label: 'Export JSON with everything' },
  { format: 'manifest', label: 'Export manifest to run it again' }
] as const

/** The exports as menu items. */
export function exportItems(ids: () => string[]): MenuItem[] {
  return formats.map(({ format, label }) => ({
    label,
    run: async () => {
      try {
        const file = await ask('runs.export', { ids: ids(), format })
        saveFile(file.name, file.content, file.mime)
      } catch (error) {
        notify.failure(error)
      }
    }
  }))
}

/** Save a run's experiment file: the same that the CLI reads. */
export function saveExperiment(run: Run): void {
  saveFile(`${fileName(run.name)}.json`, `${JSON.stringify(run.experiment, null, 2)}\n`, 'application/json')
}
