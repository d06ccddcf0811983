/** What the user chose, and what is loaded again when that changes: the folder of models, the Python that runs them. */
import { isAbsolute, relative, resolve } from 'node:path'
import type { Handlers } from '../../src-shared/contract/index.ts'
import type { StudioInfo } from '../../src-shared/shapes/machine.ts'
import type { Settings } from '../../src-shared/shapes/settings.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { canonical } from '../../src-shared/grid/identity.ts'
import type { Place } from '../places/place.ts'
import { plainAddress } from '../places/queue/address.ts'
import type { Store } from '../store/store.ts'
import type { Events } from './events.ts'
import { writeNewModel } from './new-model.ts'

/** What was named when the studio was started, in place of what is kept. */
export interface Named {
  /** Folder of the user's own models. */
  modelFolder?: string
  /** The Python that runs them. */
  interpreter?: string
}

/** A change of settings: those of Python that it leaves out stay. */
export type SettingsChange = Partial<Omit<Settings, 'python'>> & { python?: Partial<Settings['python']> }

/** The settings as they stand: what was named at start stands before what is kept. */
export class Choices {
  readonly #store: Store
  readonly #named: Named

  constructor(store: Store, { modelFolder, interpreter }: Named) {
    this.#store = store
    this.#named = { modelFolder, interpreter }
  }

  get settings(): Settings {
    const stored = this.#store.read.settings()
    const { modelFolder = stored.modelFolder, interpreter = stored.python.interpreter } = this.#named
    return { ...stored, modelFolder, python: { ...stored.python, interpreter } }
  }

  /** What is chosen now is what counts. */
  save({ python, ...change }: SettingsChange): void {
    const kept = this.#store.read.settings().python
    this.#store.write.saveSettings({ ...change, ...(python && { python: { ...kept, ...python } }) })
    if (change.modelFolder !== undefined) this.#named.modelFolder = undefined
    if (python?.interpreter !== undefined) this.#named.interpreter = undefined
  }
}

/** What a host has for its user, where it has it. */
export interface HostDialogs {
  /** Opens a file of the user's in the system's editor; whether something took it. */
  openFile?: (file: string) => Promise<boolean>
  /** A dialog in which the user chooses and confirms the folder of models; undefined for none. */
  chooseModels?: () => Promise<string | undefined>
  /** A dialog in which the user chooses the Python that runs them. */
  choosePython?: () => Promise<string | undefined>
}

export interface SettingsDeps extends HostDialogs {
  host: StudioInfo['host']
  choices: Choices
  place: Place
  events: Events
  /** Call back once, when nothing computes. */
  whenIdle: (then: () => void) => void
}

type SettingsCall = Extract<
  keyof Handlers,
  `settings.${string}` | `models.${string}` | `python.${string}` | `catalog.${string}`
>

export function settingsCalls(deps: SettingsDeps): Pick<Handlers, SettingsCall> {
  const { host, choices, place, events, whenIdle, openFile, chooseModels, choosePython } = deps

  const save = async (change: SettingsChange): Promise<Settings> => {
    const before = choices.settings
    choices.save(change)
    const after = choices.settings
    events.now('settings.changed', after)
    const { modelFolder, python } = after
    const loadsAgain = modelFolder !== before.modelFolder || canonical(python) !== canonical(before.python)
    if (loadsAgain && place.known) await place.request('reload', { modelFolder, python })
    return after
  }

  return {
    'settings.get': () => choices.settings,
    async 'settings.set'(change) {
      plainAddress(change.queue ?? '')
      const before = choices.settings
      const after = await save(change)
      if (after.workers !== before.workers && place.known)
        whenIdle(() => place.restart('The engine starts again with another number of workers.'))
      return after
    },
    async 'models.choose'() {
      if (!chooseModels)
        throw new StudioError(
          'not-supported',
          'A page cannot name a folder whose code is run. Start the studio with it: --models DIR.',
          { field: 'modelFolder' }
        )
      const modelFolder = await chooseModels()
      return modelFolder === undefined ? null : save({ modelFolder })
    },
    'catalog.get': async () => (await place.ready()).catalog,
    'catalog.reload'() {
      const { modelFolder, python } = choices.settings
      return place.request('reload', { modelFolder, python })
    },
    'python.info': () => place.request('python', null),
    async 'python.choose'() {
      if (!choosePython)
        throw new StudioError(
          'not-supported',
          'A page cannot name a program that is run. Start the studio with it: --python PROGRAM.',
          { field: 'python' }
        )
      const interpreter = await choosePython()
      return interpreter === undefined ? null : save({ python: { interpreter } })
    },
    async 'models.new'(wanted) {
      const file = writeNewModel(choices.settings.modelFolder, wanted)
      return { file, opened: (await openFile?.(file)) ?? false }
    },
    async 'python.parity'(request) {
      // A page may have code run that the user has named, and no other.
      const inside = relative(resolve(choices.settings.modelFolder || '/'), resolve(request.file))
      if (host !== 'cli' && (!choices.settings.modelFolder || inside.startsWith('..') || isAbsolute(inside)))
        throw new StudioError('not-supported', 'Only files in the folder of your own models are run from here.', {
          file: request.file
        })
      const found = await place.request('parity', request)
      choices.save({ parity: { ...choices.settings.parity, [found.model]: found } })
      events.now('settings.changed', choices.settings)
      return found
    }
  }
}
