/** What the page holds: data sets, which of them and which runs are shown, and the fits to a data set. */
import { onMount } from 'svelte'
import { z } from 'zod'
import type {
  LeftOut,
  MeasuredStatistic,
  RecallDataset,
  RecallStatistics
} from '../../../src-shared/recall/statistics-schema.ts'
import type { Run } from '../../../src-shared/shapes/run.ts'
import type { Fit, FitRequest } from '../../../src-shared/recall/fit-request.ts'
import type { SeriesStyle } from '../../../src-shared/figures/spec.ts'
import { labelsOf } from '../../../src-shared/findings/naming.ts'
import { modelStyle } from '../../../src-shared/figures/model-style.ts'
import type { CallInput } from '../../../src-shared/contract/index.ts'
import { toErrorData } from '../../../src-shared/shapes/errors.ts'
import { analysisSchema, leastSchema } from '../../../src-shared/recall/statistics-schema.ts'
import type { Spelling, SpellingVariant } from '../../../src-shared/recall/spelling.ts'
import { bridge } from '../../state/bridge.ts'
import { styleOf } from '../../charts/colours.ts'
import { plural, valueText } from '../../../src-shared/text/numbers.ts'
import { readRuns, readSeries } from '../../runs/read-runs.ts'
import { setOf } from '../../state/sets.ts'
import { ask } from '../../state/ask.ts'
import { query } from '../../state/query.svelte.ts'
import { notify } from '../../state/notify.svelte.ts'
import { route } from '../../state/route.svelte.ts'
import { settings } from '../../state/settings.svelte.ts'
import { theme } from '../../state/theme.svelte.ts'
import { Bringing } from './bring.svelte.ts'
import { modelGroup, peopleGroup, withLists, type Group } from '../../../src-shared/figures/recall.ts'

/** People are grey, which no model is; data sets differ by dash and marker. */
export const peopleStyle = (place: number): SeriesStyle => ({
  ...modelStyle(0, place * 8, theme.dark),
  colour: theme.dark ? '#a3adb9' : '#66707c'
})

/** Conditions are told by colour, since they are what is compared. */
const partStyle = (place: number, { condition }: Part): SeriesStyle =>
  condition === undefined ? peopleStyle(place) : modelStyle(place, 0, theme.dark)

/** A data set, or one condition of it. */
interface Part {
  id: string
  label: string
  condition?: string
}
interface Answer<T> {
  value?: T
  refused?: string
}
const choicesSchema = z.object({ analysis: analysisSchema.optional(), least: leastSchema.optional() })
export type Choices = z.infer<typeof choicesSchema>

/** The runs of free recall among these, of trained blocks too, with the curves that are drawn. */
const storedCurves = ['spc', 'pfr', 'p2r', 'p3r', 'lag-crp', 'irt']

async function readRecalls(ids: readonly string[]) {
  const { runs, cells } = await readRuns(ids)
  const series = await readSeries(runs, storedCurves)
  const shown = runs.filter(({ task }) => task.startsWith('free-recall'))
  const ofShown = ({ runId }: { runId: string }): boolean => shown.some(({ id }) => id === runId)
  const own = series.filter(ofShown)
  const lengths = [...new Set(own.flatMap(({ name, x }) => (name === 'spc' ? [x.length] : [])))]
  return { runs: shown, cells: cells.filter(ofShown), series: own, lengths }
}

const hasLength = (set: RecallDataset | undefined, length: number | undefined): boolean =>
  set?.lengths.some((one) => one.length === length) ?? false

const list = (name: string): string[] => (route.query.get(name) ?? '').split(',').filter(Boolean)

const recallTabs = ['curves', 'summary', 'fits'] as const
export type RecallTab = (typeof recallTabs)[number]

/** What the address says. */
interface Shown {
  sets: readonly string[]
  runs: readonly string[]
  length: string | null
  split: boolean
  tab: RecallTab
}

/** Made while a component is: it reads and listens for as long as that is there. */
export class Desk {
  /** Files that are taken in. */
  readonly bringing = new Bringing({
    dataset: (set) => this.#showNew(set.id),
    similarity: (id) => this.#readAnew(id)
  })
  readonly #sets = query(async () => {
    const datasets = await ask('recall.list', {})
    // The first visit shows the newest data set.
    if (!route.query.has('sets') && datasets.length) this.show([datasets[0].id], this.runIds, 'replace')
    return datasets
  })
  get datasets(): readonly RecallDataset[] | undefined {
    return this.#sets.value
  }
  get error(): unknown {
    return (
      this.#sets.error ??
      this.#statistics.error ??
      this.#permuted.error ??
      this.#models.error ??
      this.#simulated.error ??
      this.#fits.error
    )
  }

  setIds = $derived(list('sets').filter((id) => this.datasets?.some((set) => set.id === id)))
  runIds = $derived(list('runs'))
  shown = $derived((this.datasets ?? []).filter(({ id }) => this.setIds.includes(id)))
  /** The data set that fits are about: the first one shown. */
  current = $derived(this.shown.find(({ id }) => id === this.setIds[0]))
  #currentId = $derived(this.current?.id)
  #runKey = $derived(this.runIds.join(' '))

  readonly #models = query(() => readRecalls(this.#runKey.split(' ').filter(Boolean)), {
    'runs.changed': ({ ids }) => this.runIds.some((id) => ids.includes(id))
  })
  /** Items of the lists that are compared: those asked for, or those of most lists of the first data set, or of the first model. */
  length = $derived.by((): number | undefined => {
    const asked = Number(route.query.get('length'))
    return asked > 1 ? asked : (this.current?.lengths[0].length ?? this.#models.value?.lengths[0])
  })
  /** Of all that is shown. */
  lengths = $derived(
    [
      ...setOf([
        ...this.shown.flatMap(({ lengths }) => lengths.map(({ length }) => length)),
        ...(this.#models.value?.lengths ?? [])
      ])
    ].sort((a, b) => a - b)
  )

  tab = $derived<RecallTab>(recallTabs.find((tab) => tab === route.query.get('tab')) ?? 'curves')
  /** Whether conditions of a data set are groups of their own. */
  split = $derived(route.query.has('split'))
  /** Some shown data set has more than one condition. */
  splittable = $derived(this.shown.some(({ reading }) => (reading.conditions?.length ?? 0) > 1))
  /** What is chosen in the analysis of people's lists, where it is not as usual; remembered. */
  get choices(): Choices {
    return choicesSchema.safeParse(settings.layout('recall-analysis')).data ?? {}
  }
  choose(by: Choices): void {
    settings.remember('recall-analysis', { ...this.choices, ...by })
  }

  /** What is shown of data sets: each of them, or each of its conditions. */
  #parts = $derived(
    this.shown.flatMap(({ id, name, reading }): Part[] => {
      const conditions = this.split ? (reading.conditions ?? []) : []
      if (conditions.length < 2) return [{ id, label: name }]
      return conditions.map((condition) => ({ id, label: `${name}: ${condition.name}`, condition: condition.name }))
    })
  )
  #keyOf = ({ id, condition }: Part): string =>
    JSON.stringify([id, this.length, condition, this.choices.analysis, this.choices.least])

  /** By part and analysis, from when it is first shown. */
  #known: Readonly<Record<string, Answer<RecallStatistics>>> = {}
  #knownPermuted: Readonly<Record<string, Answer<MeasuredStatistic[]>>> = {}
  readonly #statistics = query(
    async () => (this.#known = await this.#read((input) => ask('recall.statistics', input), this.#known))
  )
  /** Those by shuffling take longer, and come after. */
  readonly #permuted = query(
    async () => (this.#knownPermuted = await this.#read((input) => ask('recall.permuted', input), this.#knownPermuted))
  )
  async #read<T>(
    answer: (input: CallInput<'recall.statistics'>) => Promise<T>,
    known: Readonly<Record<string, Answer<T>>>
  ): Promise<Readonly<Record<string, Answer<T>>>> {
    const { length } = this
    const { analysis, least } = this.choices
    const unknown = this.#parts.filter(
      (part) => hasLength(this.#setOf(part.id), length) && !Object.hasOwn(known, this.#keyOf(part))
    )
    const read = await Promise.all(
      unknown.map(async (part): Promise<[string, Answer<T>]> => {
        const { id, condition } = part
        const key = this.#keyOf(part)
        try {
          return [key, { value: await answer({ id, length, condition, analysis, least }) }]
        } catch (error) {
          // One that has nothing to show leaves the others as they are.
          const { code, message } = toErrorData(error)
          if (code !== 'bad-input') throw error
          return [key, { refused: message }]
        }
      })
    )
    return { ...known, ...Object.fromEntries(read) }
  }
  /** Shuffling is under way. */
  get shuffling(): boolean {
    return this.#parts.some(
      (part) => hasLength(this.#setOf(part.id), this.length) && !this.#permuted.value?.[this.#keyOf(part)]
    )
  }
  /** Who is not counted, and by which rule, for each part that is shown. */
  leftOutSubjects = $derived(
    this.#parts.flatMap((part): { label: string; leftOut: LeftOut }[] => {
      const answer = this.#statistics.value?.[this.#keyOf(part)]
      return answer?.value ? [{ label: part.label, leftOut: answer.value.leftOut }] : []
    })
  )
  /** Parts that cannot be shown, and why. */
  refused = $derived(
    this.#parts.flatMap((part) => {
      const answer = this.#statistics.value?.[this.#keyOf(part)]
      return answer?.refused === undefined ? [] : [{ label: part.label, why: answer.refused }]
    })
  )
  #setOf(id: string): RecallDataset | undefined {
    return this.datasets?.find((set) => set.id === id)
  }
  readonly #fits = query(() =>
    this.#currentId === undefined ? undefined : ask('recall.fits', { id: this.#currentId })
  )
  get fits(): readonly Fit[] {
    return this.#fits.current ?? []
  }

  get runs(): readonly Run[] {
    return this.#models.value?.runs ?? []
  }

  /** Statistics of the lists that models recalled, where their trials keep them; by run. */
  readonly #simulated = query(
    async () => {
      const { analysis } = this.choices
      const runs = this.#models.value?.runs ?? []
      const read = await Promise.all(
        runs.map(async ({ id }) => {
          const found = await ask('recall.simulated', { run: id, analysis }).catch((error: unknown) => {
            // Too many trials: what was stored of them is shown.
            if (toErrorData(error).code === 'bad-input') return []
            throw error
          })
          return [id, found] as const
        })
      )
      return Object.fromEntries(read)
    },
    { 'runs.changed': ({ ids }) => this.runIds.some((id) => ids.includes(id)) }
  )
  #modelGroups = $derived.by((): Group[] => {
    const { runs, cells, series } = this.#models.value ?? { runs: [], cells: [], series: [] }
    const labelOf = labelsOf(runs)
    return cells.map((cell) => {
      const at = Object.entries(cell.point).map(([name, value]) => `${name} ${valueText(value)}`)
      const label = [labelOf(cell), ...at].join(', ')
      const own = series.filter(
        (result) =>
          result.runId === cell.runId &&
          result.label === cell.label &&
          JSON.stringify(result.point) === JSON.stringify(cell.point)
      )
      const about = { id: `${cell.runId} ${label}`, label, style: styleOf(label, cell.model) }
      const stored = modelGroup(about, cell, own)
      const lists = this.#simulated.value?.[cell.runId]?.find(
        (other) => other.label === cell.label && JSON.stringify(other.point) === JSON.stringify(cell.point)
      )
      return lists ? withLists(stored, peopleGroup(about, lists.found)) : stored
    })
  })

  /** What is compared: people and models whose lists are of one length. */
  groups = $derived.by((): Group[] => [
    ...this.#parts.flatMap((part, i) => {
      const key = this.#keyOf(part)
      const found = this.#statistics.value?.[key]?.value
      if (!found) return []
      const statistics = [...found.statistics, ...(this.#permuted.value?.[key]?.value ?? [])]
      return [peopleGroup({ id: key, label: part.label, style: partStyle(i, part) }, { ...found, statistics })]
    }),
    ...this.#modelGroups.filter(({ length }) => length === undefined || length === this.length)
  ])
  /** What has lists of other lengths only. */
  leftOut = $derived([
    ...this.shown.flatMap((set) =>
      hasLength(set, this.length)
        ? []
        : [{ label: set.name, length: set.lengths.map(({ length }) => length).join(', ') }]
    ),
    ...this.#modelGroups.flatMap(({ label, length }) =>
      length === undefined || length === this.length ? [] : [{ label, length: String(length) }]
    )
  ])
  /** Runs none of whose models is compared. */
  simulatable = $derived(
    this.runs.filter(({ id }) => {
      const own = this.#modelGroups.filter((group) => group.id.startsWith(`${id} `))
      return own.length > 0 && own.every(({ length }) => length !== undefined && length !== this.length)
    })
  )
  simulating = $state(false)

  async reload(): Promise<void> {
    await Promise.all(
      [this.#sets, this.#statistics, this.#permuted, this.#models, this.#simulated, this.#fits].map((query) =>
        query.reload()
      )
    )
  }

  show(sets: readonly string[], runs: readonly string[] = this.runIds, how: 'push' | 'replace' = 'replace'): void {
    this.#go({ sets, runs }, how)
  }
  compareAt(length: number): void {
    this.#go({ length: String(length) })
  }
  splitBy(split: boolean): void {
    this.#go({ split })
  }
  turnTo(tab: RecallTab): void {
    this.#go({ tab })
  }
  /** Put what is shown into the address. */
  #go(change: Partial<Shown>, how: 'push' | 'replace' = 'replace'): void {
    const now = { sets: this.setIds, runs: this.runIds, length: route.query.get('length'), split: this.split }
    const { sets, runs, length, split, tab }: Shown = { ...now, tab: this.tab, ...change }
    const query = [
      `sets=${sets.join(',')}`,
      ...(runs.length ? [`runs=${runs.join(',')}`] : []),
      ...(length ? [`length=${length}`] : []),
      ...(split ? ['split'] : []),
      ...(tab === 'curves' ? [] : [`tab=${tab}`])
    ].join('&')
    route.go(`/recall?${query}`, how)
  }

  /** Run the experiments of these again with lists of the length that is compared, and show them in their place. */
  async simulateAt(runs: readonly Run[]): Promise<void> {
    const { length } = this
    if (length === undefined) return
    this.simulating = true
    await notify.attempt(async () => {
      const made: string[] = []
      for (const run of runs) {
        const experiment = {
          ...run.experiment,
          name: `${run.name}, lists of ${length}`.slice(-200),
          task: { ...run.experiment.task, params: { ...run.experiment.task.params, items: length } },
          sweep: run.experiment.sweep.filter(({ param }) => param !== 'task.items')
        }
        made.push((await ask('runs.start', { experiment })).id)
      }
      const old = runs.map(({ id }) => id)
      this.show(this.setIds, [...this.runIds.filter((id) => !old.includes(id)), ...made])
      notify.show(
        `${plural(made.length, 'run')} with lists of ${length} compute; their curves come when they are done.`
      )
    })
    this.simulating = false
  }

  /** The example for who has no data of their own. */
  async loadExample(): Promise<void> {
    await notify.attempt(async () => {
      await this.#showNew((await ask('recall.simulate', {})).id)
    })
  }
  async #showNew(id: string): Promise<void> {
    await this.#sets.reload()
    this.show([id, ...this.setIds])
  }
  toggle(id: string, on: boolean): void {
    this.show(on ? [...this.setIds, id] : this.setIds.filter((other) => other !== id))
  }

  async removeSimilarity({ id, name }: RecallDataset): Promise<void> {
    const put = async (trashed: boolean): Promise<void> => {
      await this.#change(() => ask('recall.trashSimilarity', { id, trashed }))
      await this.#readAnew(id)
    }
    await put(true)
    notify.undoable(`The similarities of ${name} were removed.`, () => void put(false))
  }
  async #readAnew(id: string): Promise<void> {
    const others = <T>(known: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(known).filter(([key]) => (JSON.parse(key) as unknown[])[0] !== id))
    this.#known = others(this.#known)
    this.#knownPermuted = others(this.#knownPermuted)
    await Promise.all([this.#sets.reload(), this.#statistics.reload(), this.#permuted.reload()])
  }

  /** The recalls that are taken for other words. */
  async spellingOf(id: string, { edits, undone }: Spelling): Promise<SpellingVariant[]> {
    const variants = await ask('recall.spelling', { id, edits })
    return variants.filter(
      (own) => !undone.some(({ recalled, studied }) => recalled === own.recalled && studied === own.studied)
    )
  }
  /** Take recalls for the words they are near to; null takes each as it was spelt. */
  async setSpelling({ id, name, reading }: RecallDataset, spelling: Spelling | null): Promise<void> {
    const put = async (now: Spelling | null): Promise<boolean> =>
      notify.attempt(async () => {
        await ask('recall.setSpelling', { id, spelling: now })
        await this.#readAnew(id)
      })
    if (await put(spelling))
      notify.undoable(
        spelling
          ? `Spelling variants of ${name} are taken for the words studied.`
          : `Recalls of ${name} are taken as spelt.`,
        () => void put(reading.spelling ?? null)
      )
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#change(() => ask('recall.rename', { id, name }))
  }
  async remove({ id, name }: RecallDataset): Promise<void> {
    await this.#change(async () => {
      await ask('recall.trash', { id, trashed: true })
      notify.undoable(
        `${name} was removed.`,
        () => void this.#change(() => ask('recall.trash', { id, trashed: false }))
      )
    })
  }
  async #change(change: () => Promise<unknown>): Promise<void> {
    await notify.attempt(async () => {
      await change()
      await this.#sets.reload()
    })
  }

  async startFit(request: FitRequest): Promise<void> {
    await notify.attempt(async () => {
      await ask('recall.startFit', request)
      await this.#fits.reload()
    })
  }
  async cancelFit(id: string): Promise<void> {
    await notify.attempt(() => ask('recall.cancelFit', { id }))
  }
  async removeFit({ id }: Fit): Promise<void> {
    const put = (trashed: boolean): Promise<boolean> =>
      notify.attempt(async () => {
        await ask('recall.trashFit', { id, trashed })
        await this.#fits.reload()
      })
    await put(true)
    notify.undoable('The fit was removed.', () => void put(false))
  }
  /** Fits tell their steps. */
  #listen(): () => void {
    return bridge.on('recall.fit', (fit) => {
      if (fit.dataset !== this.current?.id) return
      const { fits } = this
      this.#fits.put(
        fits.some(({ id }) => id === fit.id) ? fits.map((other) => (other.id === fit.id ? fit : other)) : [fit, ...fits]
      )
    })
  }

  constructor() {
    onMount(() => this.#listen())
  }
}
