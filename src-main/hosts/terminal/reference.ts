/** `engram reference`: the results of ready experiments that ship, listed, or a sample of them computed again here. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Backend } from '../../../src-shared/shapes/machine.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { rerunSummary, type RerunCheck } from '../../../src-shared/exchange/rerun.ts'
import { referenced } from '../../studio/references.ts'
import { rerunText } from './rerun.ts'
import { withStudio } from './session.ts'

export interface ReferenceOptions {
  /** Trials of each model. */
  sample: number
  draw: number
  backend?: Backend['name']
  /** Those too whose models are trained and tuned, which takes long. */
  all?: true
}

export interface ReferenceCheck {
  name: string
  check: RerunCheck
}

/** The names of the ready experiments whose results ship. */
export const referenceNames = (): string[] => referenced().map(({ file }) => nameOf(file))

const nameOf = (file: string): string => file.replace(/\.json$/, '')

/**
 * Compute a sample of each reference again, in a data folder of its own that goes afterwards.
 * @param names those that need no training if empty
 * @param onCheck told of each as it ends
 * @throws StudioError not-found for a name without results
 */
export async function checkReferences(
  names: readonly string[],
  { all, ...request }: ReferenceOptions,
  onCheck: (check: ReferenceCheck) => void = () => {}
): Promise<ReferenceCheck[]> {
  const shipped = referenced()
  const unknown = names.find((name) => !shipped.some(({ file }) => nameOf(file) === name))
  if (unknown !== undefined)
    throw new StudioError('not-found', `No results ship for "${unknown}"; engram reference lists those that do.`, {
      field: 'name'
    })
  const chosen = shipped.filter(({ file, experiment }) =>
    names.length ? names.includes(nameOf(file)) : all || !experiment.tuning
  )
  const data = mkdtempSync(join(tmpdir(), 'engram-reference-'))
  try {
    return await withStudio(data, 'change', async ({ ask }) => {
      const found: ReferenceCheck[] = []
      for (const { file } of chosen) {
        const { ids } = await ask('references.take', { files: [file] })
        const check = await ask('runs.rerun', { id: ids[0], ...request })
        found.push({ name: nameOf(file), check })
        onCheck(found.at(-1)!)
      }
      return found
    })
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

/** Whether the references no longer say what is computed here. */
export const isOff = ({ check }: ReferenceCheck): boolean =>
  check.trials.some(({ verdict }) => verdict === 'drifted' || verdict === 'changed')

/** One reference. */
export const referenceText = ({ name, check }: ReferenceCheck): string =>
  rerunText(check)
    .split('\n')
    .slice(0, -1)
    .map((line) => `${name}: ${line}`)
    .join('\n')

/** All of them, by backend. */
export function referenceSum(checks: readonly ReferenceCheck[]): string {
  if (!checks.length) return 'No reference was checked.'
  const trials = checks.flatMap(({ check }) => check.trials)
  const rows = rerunSummary({ ...checks[0].check, trials })
  return [
    ...rows.map(
      ({ backend, verdicts: { identical, within, drifted, changed } }) =>
        `${backend}: ${identical} identical, ${within} within tolerance, ${drifted} drifted, ${changed} stale (model or task have changed)`
    ),
    `Within tolerance: ${checks[0].check.tolerance}.`
  ].join('\n')
}
