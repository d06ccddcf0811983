/** What can be done with runs from more than one page. */
import type { Run } from '../../src-shared/shapes/run.ts'
import { ask } from '../state/ask.ts'
import { notify } from '../state/notify.svelte.ts'
import { fileName, saveFile } from '../state/save.ts'
import { saveExport } from '../state/export.ts'
import { route } from '../state/route.svelte.ts'
import type { MenuItem } from '../components/menu.ts'

/** Open a copy of a run's experiment in Compose, which asks before it replaces another draft. */
export const duplicate = ({ id }: Pick<Run, 'id'>): void => route.go(`/compose?from=${id}`)

/** @param chosen what is looked at of them */
export function compareAddress(ids: readonly string[], chosen: Readonly<Record<string, string>> = {}): string {
  const rest = new URLSearchParams(chosen).toString()
  return `/compare?runs=${ids.join(',')}${rest && `&${rest}`}`
}

const formats = [
  { format: 'html', label: 'Export HTML report' },
  { format: 'csv-long', label: 'Export CSV, one row per number' },
  { format: 'csv-wide', label: 'Export CSV, one row per trial' },
  { format: 'parquet', label: 'Export Parquet, one row per number' },
  { format: 'csv-pivot', label: 'Export CSV, tables as printed' },
  { format: 'latex', label: 'Export LaTeX tables, figures and methods' },
  { format: 'json', label: 'Export JSON with everything' },
  { format: 'manifest', label: 'Export manifest to run it again' }
] as const

/** The exports as menu items. */
export function exportItems(ids: () => string[]): MenuItem[] {
  return formats.map(({ format, label }) => ({
    label,
    run: () => void saveExport({ ids: ids(), format })
  }))
}

/** Save a run's experiment file: the same that the CLI reads. */
export function saveExperiment(run: Run): void {
  saveFile(`${fileName(run.name)}.json`, `${JSON.stringify(run.experiment, null, 2)}\n`, 'application/json')
}

/** Save what could not be stored of a run: a file that every studio imports. */
export async function saveUnsaved({ id }: Pick<Run, 'id'>): Promise<void> {
  await notify.attempt(async () => {
    const { name, mime, content } = await ask('runs.unsaved', { id })
    saveFile(name, content, mime)
  })
}
