/** Files that the user brings, by a button or dropped anywhere: what each holds decides who takes it. */
import { kindOfFile, placeOf, type FileKind } from '../../src-shared/exchange/file-kind.ts'
import { StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import { plural } from '../../src-shared/text/numbers.ts'
import { importFile } from './import-file.ts'
import { notify } from './notify.svelte.ts'
import { route } from './route.svelte.ts'

/** The page that takes a kind of file; runs are taken in wherever one is. */
const pageOf = {
  experiment: 'compose',
  suite: 'compose',
  sweep: 'compose',
  vectors: 'compose',
  weights: 'compose',
  recall: 'recall'
} as const
type PageKind = keyof typeof pageOf

/** A file on its way to its page. */
export interface Handed {
  kind: PageKind
  file: File
  /** Where it was dropped. */
  at?: Element | undefined
}

/** Of a larger file only the head is looked at here; the studio looks at all of it. */
const lookedAt = 16 * 2 ** 20

class Intake {
  busy = $state(false)
  #waiting = $state.raw<readonly Handed[]>([])

  /** What a page that is open is about: tables that could be several things are that. */
  prefers: PageKind | undefined

  async take(files: Iterable<File>, at?: Element): Promise<void> {
    const chosen = [...files]
    this.busy = true
    for (const file of chosen)
      try {
        const kind = await this.#kindOf(file)
        if (Object.hasOwn(pageOf, kind)) this.#hand({ kind: kind as PageKind, file, at })
        else if (kind === 'table') throw new StudioError('bad-file', placeOf.table)
        else await importRuns(file)
      } catch (error) {
        const { message } = toErrorData(error)
        notify.show(`${file.name}: ${message}`, 'danger')
      }
    this.busy = false
  }

  /** The next file that waits for this page: a page reads it in an effect. */
  claim(page: (typeof pageOf)[PageKind]): Handed | undefined {
    const next = this.#waiting.find(({ kind }) => pageOf[kind] === page)
    if (next) this.#waiting = this.#waiting.filter((other) => other !== next)
    return next
  }

  #hand(handed: Handed): void {
    this.#waiting = [...this.#waiting, handed]
    const page = pageOf[handed.kind]
    if (route.page !== page) route.go(`/${page}`)
  }

  async #kindOf(file: File): Promise<FileKind> {
    const isText = /\.(csv|tsv|txt)$/i.test(file.name)
    const preferred = this.prefers
    const bytes = new Uint8Array(await file.slice(0, lookedAt).arrayBuffer())
    try {
      const kind = kindOfFile(file.name, bytes)
      return preferred && isText && (kind === 'vectors' || kind === 'table') ? preferred : kind
    } catch (error) {
      if (file.size > lookedAt) return 'results'
      if (preferred && isText && toErrorData(error).field === undefined && file.size) return preferred
      throw error
    }
  }
}

export const intake = new Intake()

/** Takes in runs: results of another studio, a report, an MLflow database, CSV logs. */
async function importRuns(file: File): Promise<void> {
  const report = await importFile(file)
  if (!report) return
  const { runs, left, identical, within } = report
  const added = runs.filter(({ merged }) => !merged).length
  const trials = runs.reduce((sum, run) => sum + run.trials, 0)
  const known = identical + within
  const updated = runs.filter((run) => run.updated).length
  const parts = [
    plural(added, 'new run'),
    plural(trials, 'new trial'),
    ...(updated ? [`${plural(updated, 'run')} brought up to date`] : []),
    ...(known ? [`${plural(known, 'trial')} known already`] : []),
    ...left.map(({ name, reason }) => `left out: ${name} (${reason})`)
  ]
  const there = route.page === 'history' ? undefined : { label: 'Show in History', run: () => route.go('/history') }
  notify.show(`${file.name}: ${parts.join(', ')}`, left.length ? undefined : 'good', there)
}
