/** What the user chose, and what is loaded again when that changes: the folder of models, the Python that runs them. */
import { isAbsolute, relative, resolve } from 'node:path'
import type { Handlers } from '../../src-shared/contract/index.ts'
import type { StudioInfo } from '../../src-shared/shapes/machine.ts'
import type { Settings } from '../../src-shared/shapes/settings.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { canonical } from '../../src-shared/grid/identity.ts'
import type { Place } from '../places/place.ts'
import type { Store } from '../store/store.ts'
import type { Events } from './events.ts'
import { writeNewModel } from './new-model.ts'

/** The settings as they stand: a folder of models that was named at start stands before the one that is kept. */
export class Choices {
  readonly #store: Store
  #named: string | undefined

  constructor(store: Store, named: string | undefined) {
    this.#store = store
    this.#named = named
  }

  get settings(): Settings {
    const stored = this.#store.read.settings()
    return this.#named === undefined ? stored : { ...stored, modelFolder: this.#named }
  }

  /** A folder that is chosen now is the one that counts. */
  save(change: Partial<Settings>): void {
    this.#store.write.saveSettings(change)
    if (change.modelFolder !== undefined) this.#named = undefined
  }
}

/** What a host has for its user, where it has it. */
export interface HostDialogs {
  /** Opens a file of the user's in the system's editor; whether something took it. */
  openFile?: (file: string) => Promise<boolean>
  /** A dialog in which the user chooses and confirms the folder of models; undefined for none. */
  chooseModels?: () => Promise<string | undefined>
  /** The same for the Python that runs models. */
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

  const save = async (change: Partial<Settings>): Promise<Settings> => {
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
      const before = choices.settings
      const { python } = before
      const after = await save({ ...change, python: { ...python, ...change.python } })
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
          'A page cannot name a program that is run. Start the studio with the variable ENGRAM_PYTHON set to it.',
          { field: 'python' }
        )
      const interpreter = await choosePython()
      return interpreter === undefined ? null : save({ python: { ...choices.settings.python, interpreter } })
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
