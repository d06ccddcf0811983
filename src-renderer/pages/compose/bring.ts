/** Files brought to Compose: an experiment opens, a suite starts, the rest becomes part of what is being written. */
import { experimentOfWandb, importWandb } from '../../../src-shared/exchange/wandb.ts'
import { checkSuite, expandSuite, type Suite } from '../../../src-shared/grid/suite.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { parseJson } from '../../../src-shared/shapes/json.ts'
import { limits } from '../../../src-shared/shapes/experiment.ts'
import { plural } from '../../../src-shared/text/numbers.ts'
import { vectorsText } from '../../../src-shared/contract/files.ts'
import { compareAddress } from '../../runs/run-actions.ts'
import { ask } from '../../state/ask.ts'
import { base64 } from '../../state/base64.ts'
import { catalog } from '../../state/catalog.svelte.ts'
import { fileText } from '../../state/file-text.ts'
import type { Handed } from '../../state/intake.svelte.ts'
import { notify } from '../../state/notify.svelte.ts'
import { route } from '../../state/route.svelte.ts'
import type { Draft } from './draft.svelte.ts'

/** What goes to the studio in one message. */
const mostBytes = 4 * 2 ** 20

/** @throws StudioError what is wrong with the file */
export async function bring(
  { kind, file, at }: Handed,
  { draft, show }: { draft: Draft; show: () => void }
): Promise<void> {
  switch (kind) {
    case 'experiment':
      draft.open(await experimentText(file), file.name)
      return show()
    case 'sweep':
      notify.show(sweepInto(draft, await experimentText(file), file.name), 'plain', undefined, true)
      return show()
    case 'suite':
      return startSuite(checkSuite(parseJson(await experimentText(file), { file: file.name }), file.name), true)
    case 'vectors':
      return bringVectors(draft, file)
    case 'weights':
      return bringWeights(draft, file, at?.closest<HTMLElement>('[data-model]')?.dataset.model)
  }
}

async function experimentText(file: File): Promise<string> {
  if (file.size > limits.fileBytes)
    throw new StudioError('too-large', `An experiment file may hold at most ${limits.fileBytes} bytes.`, {
      file: file.name
    })
  return fileText(file)
}

/** Into the experiment that is open where it has the parameters; else as one of its own. @returns what to say of it */
function sweepInto(draft: Draft, text: string, file: string): string {
  if (draft.task && draft.experiment.models.length)
    try {
      const { experiment, notes } = importWandb(text, draft.experiment, catalog.current, file)
      draft.edit(experiment)
      return [`The sweep of ${file} is here.`, ...notes].join(' ')
    } catch {
      // What is wrong with it is said below, where nothing but the sweep counts.
    }
  const { experiment, notes } = experimentOfWandb(text, catalog.current, file)
  draft.edit(experiment)
  return [`${file} is here as an experiment.`, ...notes].join(' ')
}

/** @param asks before it computes: the file may have been dropped by chance */
export async function startSuite(suite: Suite, asks: boolean): Promise<void> {
  const { experiments, trials } = expandSuite(suite, catalog.current)
  const sure =
    !asks ||
    (await notify.confirm({
      title: `Start the suite “${suite.name}”?`,
      text: `${plural(experiments.length, 'experiment')}, ${plural(trials, 'trial')}.`,
      confirm: 'Start them',
      keep: 'Not now'
    }))
  if (!sure) return
  const { ids, left } = await ask('suites.start', { suite: suite as never })
  notify.show(
    `${plural(ids.length, 'run')} tagged “${suite.name}” wait or compute.` +
      (left.length ? ` In ${plural(left.length, 'place')} a model does not fit a task and is left out.` : '')
  )
  route.go(compareAddress(ids))
}

async function bringVectors(draft: Draft, file: File): Promise<void> {
  if (file.size > mostBytes)
    throw new StudioError('too-large', 'Here a file may hold at most 4 MiB; a larger one: engram import FILE.', {
      file: file.name
    })
  const set = await ask('vectors.import', { name: file.name, content: await base64(file) })
  const param = Object.entries(draft.task?.params ?? {}).find(([, { type }]) => type === 'vectors')?.[0]
  draft.addVectors(set, param)
  notify.show(
    `${vectorsText(set)}. ${param === undefined ? 'A task that takes vectors can be given them.' : 'They are the keys of the task.'}`
  )
}

/** @param model the index of the one they are for, as text */
async function bringWeights(draft: Draft, file: File, model: string | undefined): Promise<void> {
  if (file.size > mostBytes)
    throw new StudioError('too-large', 'Brought here, a file may hold at most 4 MiB; name a larger one by its path.', {
      file: file.name
    })
  const kept = await ask('weights.import', { name: file.name, content: await base64(file) })
  await draft.weights.reload()
  const { models } = draft.experiment
  const index = model ?? (models.length === 1 ? '0' : undefined)
  if (index !== undefined) draft.set(['models', Number(index), 'weights'], kept.file)
  notify.show(
    `${kept.name}: ${plural(kept.tensors, 'tensor')}. ${index === undefined ? 'Choose the file at the model that it is for.' : ''}`
  )
}
