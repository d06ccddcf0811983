/** What the page holds: data sets, which of them and which runs are shown, and the fits to a data set. */
import type { RecallDataset, RecallStatistics } from '../../../src-shared/recall/statistics-schema.ts'
import type { Run } from '../../../src-shared/shapes/run.ts'
import type { Fit, FitRequest } from '../../../src-shared/recall/fit-request.ts'
import type { SeriesStyle } from '../../../src-shared/figures/spec.ts'
import { labelsOf } from '../../../src-shared/findings/naming.ts'
import { modelStyle } from '../../../src-shared/figures/model-style.ts'
import { bridge } from '../../state/bridge.ts'
import { styleOf } from '../../charts/colours.ts'
import { plural, short } from '../../format.ts'
import { ask } from '../../state/ask.ts'
import { notify } from '../../state/notify.svelte.ts'
import { route } from '../../state/route.svelte.ts'
import { theme } from '../../state/theme.svelte.ts'
import { curveNames, modelGroup, peopleGroup, type Group } from './groups.ts'

/** People are grey, which no model is; data sets differ by dash and marker. */
const peopleStyle = (place: number): SeriesStyle => ({
  ...modelStyle(0, place * 8, theme.dark),
  colour: theme.dark ? '#a3adb9' : '#66707c'
})

interface ShownRun {
  run: Run
  cells: Awaited<ReturnType<typeof readRun>>['cells']
  series: Awaited<ReturnType<typeof readRun>>['series']
}

async function readRun(id: string) {
  const [run, cells, ...series] = await Promise.all([
    ask('runs.get', { id }),
    ask('runs.results', { ids: [id] }),
    ...curveNames.map((name) => ask('runs.series', { ids: [id], name }))
  ])
  return { run, cells, series: series.flat() }
}

const list = (name: string): string[] => (route.query.get(name) ?? '').split(',').filter(Boolean)

export class Desk {
  datasets = $state.raw<readonly RecallDataset[]>()
  error = $state.raw<unknown>()
  importing = $state(false)
  importError = $state.raw<unknown>()
  #statistics = $state.raw<Readonly<Record<string, RecallStatistics>>>({})
  #runs = $state.raw<readonly ShownRun[]>([])
  fits = $state.raw<readonly Fit[]>([])
  #asked = ''

  setIds = $derived(list('sets').filter((id) => this.datasets?.some((set) => set.id === id)))
  runIds = $derived(list('runs'))
  shown = $derived((this.datasets ?? []).filter(({ id }) => this.setIds.includes(id)))
  /** The data set that fits are about: the first one shown. */
  current = $derived(this.shown.find(({ id }) => id === this.setIds[0]))

  groups = $derived.by((): Group[] => [
    ...this.shown.flatMap(({ id, name }, i) => {
      const statistics = this.#statistics[id]
      return statistics ? [peopleGroup({ id, label: name, style: peopleStyle(i) }, statistics)] : []
    }),
    ...this.#modelGroups()
  ])

  runs = $derived(this.#runs.map(({ run }) => run))

  #modelGroups(): Group[] {
    const labelOf = labelsOf(this.#runs.map(({ run }) => run))
    return this.#runs.flatMap(({ cells, series }) =>
      cells.map((cell) => {
        const at = Object.entries(cell.point).map(([name, value]) => `${name} ${short(value)}`)
        const label = [labelOf(cell), ...at].join(', ')
        const own = series.filter(
          (result) => result.label === cell.label && JSON.stringify(result.point) === JSON.stringify(cell.point)
        )
        return modelGroup({ id: `${cell.runId} ${label}`, label, style: styleOf(label, cell.model) }, cell, own)
      })
    )
  }

  async load(): Promise<void> {
    try {
      this.datasets = await ask('recall.list', {})
      this.error = undefined
      // The first visit shows the newest data set.
      if (!route.query.has('sets') && this.datasets.length) this.show([this.datasets[0].id], this.runIds, 'replace')
    } catch (error) {
      this.error = error
    }
  }

  /** Put what is shown into the address. */
  show(sets: readonly string[], runs: readonly string[] = this.runIds, how: 'push' | 'replace' = 'replace'): void {
    const query = [`sets=${sets.join(',')}`, ...(runs.length ? [`runs=${runs.join(',')}`] : [])].join('&')
    route.go(`/recall?${query}`, how)
  }
  toggle(id: string, on: boolean): void {
    this.show(on ? [...this.setIds, id] : this.setIds.filter((other) => other !== id))
  }

  /** Read what the address shows and is not read yet. */
  async read(sets: readonly string[], runs: readonly string[]): Promise<void> {
    try {
      for (const id of sets)
        if (!this.#statistics[id])
          this.#statistics = { ...this.#statistics, [id]: await ask('recall.statistics', { id }) }
      const key = runs.join()
      if (key === this.#asked) return
      this.#asked = key
      const found = await Promise.all(runs.map(readRun))
      if (this.#asked === key) this.#runs = found.filter(({ run }) => run.task === 'free-recall')
    } catch (error) {
      notify.failure(error)
    }
  }

  async importFiles(files: Iterable<File>): Promise<void> {
    this.importing = true
    this.importError = undefined
    try {
      for (const file of files) {
        const set = await ask('recall.import', { name: file.name, text: await file.text() })
        this.datasets = await ask('recall.list', {})
        this.show([set.id, ...this.setIds])
        notify.show(`${set.name}: ${plural(set.subjects, 'subject')}, ${plural(set.lists, 'list')}.`, 'good')
      }
    } catch (error) {
      this.importError = error
    }
    this.importing = false
  }

  /** Say how alike the words of a data set are. */
  async importSimilarity(id: string, file: File): Promise<void> {
    this.importError = undefined
    try {
      const { dataset, known, words } = await ask('recall.similarity', {
        id,
        name: file.name,
        text: await file.text()
      })
      await this.#readAnew(id)
      notify.show(`${dataset.similarity} has ${known} of the ${plural(words, 'word')} of ${dataset.name}.`, 'good')
    } catch (error) {
      this.importError = error
    }
  }
  async removeSimilarity({ id, name }: RecallDataset): Promise<void> {
    const put = async (trashed: boolean): Promise<void> => {
      await this.#change(() => ask('recall.trashSimilarity', { id, trashed }))
      await this.#readAnew(id)
    }
    await put(true)
    notify.show(`The similarities of ${name} were removed.`, 'plain', { label: 'Undo', run: () => void put(false) })
  }
  async #readAnew(id: string): Promise<void> {
    this.datasets = await ask('recall.list', {})
    this.#statistics = { ...this.#statistics, [id]: await ask('recall.statistics', { id }) }
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#change(() => ask('recall.rename', { id, name }))
  }
  async remove({ id, name }: RecallDataset): Promise<void> {
    await this.#change(async () => {
      await ask('recall.trash', { id, trashed: true })
      notify.show(`${name} was removed.`, 'plain', {
        label: 'Undo',
        run: () => void this.#change(() => ask('recall.trash', { id, trashed: false }))
      })
    })
  }
  async #change(change: () => Promise<unknown>): Promise<void> {
    try {
      await change()
      this.datasets = await ask('recall.list', {})
    } catch (error) {
      notify.failure(error)
    }
  }

  async readFits(id: string | undefined): Promise<void> {
    try {
      this.fits = id ? await ask('recall.fits', { id }) : []
    } catch (error) {
      notify.failure(error)
    }
  }
  async startFit(request: FitRequest): Promise<void> {
    try {
      await ask('recall.startFit', request)
      await this.readFits(request.dataset)
    } catch (error) {
      notify.failure(error)
    }
  }
  async cancelFit(id: string): Promise<void> {
    await ask('recall.cancelFit', { id }).catch((error: unknown) => notify.failure(error))
  }
  async removeFit({ id, dataset }: Fit): Promise<void> {
    const put = (trashed: boolean): Promise<void> =>
      ask('recall.trashFit', { id, trashed }).then(
        () => this.readFits(dataset),
        (error: unknown) => notify.failure(error)
      )
    await put(true)
    notify.show('The fit was removed.', 'plain', { label: 'Undo', run: () => void put(false) })
  }
  /** Fits tell their steps. */
  listen(): () => void {
    return bridge.on('recall.fit', (fit) => {
      if (fit.dataset !== this.current?.id) return
      this.fits = this.fits.some(({ id }) => id === fit.id)
        ? this.fits.map((other) => (other.id === fit.id ? fit : other))
        : [fit, ...this.fits]
    })
  }
}
