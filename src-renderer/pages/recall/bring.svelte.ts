/** Taking in files of recalls and of how alike words are: what is under way, what must be asked, what went wrong. */
import type { CallInput, CallOutput } from '../../../src-shared/contract/index.ts'
import { knownColumns, requiredColumns } from '../../../src-shared/recall/columns.ts'
import { isMatrix } from '../../../src-shared/recall/data.ts'
import { plural } from '../../../src-shared/text/numbers.ts'
import { tableRows } from '../../../src-shared/text/read.ts'
import { ask } from '../../state/ask.ts'
import { fileText } from '../../state/file-text.ts'
import { notify } from '../../state/notify.svelte.ts'

/** A file of recalls whose columns must be told, or that is a matrix of serial positions. */
export interface AskedFile {
  name: string
  text: string
  /** Of its columns, and its first rows below them. */
  names: readonly string[]
  rows: readonly (readonly string[])[]
  matrix: boolean
}
type Reading = Omit<CallInput<'recall.import'>, 'name' | 'text'>

function asking(name: string, text: string): AskedFile {
  const [head, ...body] = tableRows(text, { file: name })
  const rows = head ? [head, ...body] : []
  return {
    name,
    text,
    names: head?.cells.map((cell) => cell.trim()) ?? [],
    rows: body.slice(0, 4).map(({ cells }) => cells),
    matrix: isMatrix(rows)
  }
}

/** What is done with what was taken in. */
interface Taken {
  dataset: (set: CallOutput<'recall.import'>) => Promise<void>
  similarity: (id: string) => Promise<void>
}

export class Bringing {
  busy = $state(false)
  error = $state.raw<unknown>()
  /** Files of which it must be said how they are read, the next one first. */
  asked = $state.raw<readonly AskedFile[]>([])
  readonly #taken: Taken

  constructor(taken: Taken) {
    this.#taken = taken
  }

  /** A file of recalls: taken in at once where its columns say what they are, else after they were asked about. */
  async bring(file: File): Promise<void> {
    await this.#try(async () => {
      const asked = asking(file.name, await fileText(file))
      if (asked.matrix || requiredColumns.some((what) => knownColumns(asked.names)[what] === undefined))
        this.asked = [...this.asked, asked]
      else await this.import(asked, {})
    })
  }

  /** @returns whether it was taken in */
  async import({ name, text }: AskedFile, reading: Reading): Promise<boolean> {
    this.busy = true
    await this.#try(async () => {
      const set = await ask('recall.import', { name, text, ...reading })
      await this.#taken.dataset(set)
      notify.show(`${set.name}: ${plural(set.subjects, 'subject')}, ${plural(set.lists, 'list')}.`, 'good')
    })
    this.busy = false
    return this.error === undefined
  }

  /** Say how alike the words of a data set are. */
  async importSimilarity(id: string, file: File): Promise<void> {
    await this.#try(async () => {
      const text = await fileText(file)
      const { dataset, known, words } = await ask('recall.similarity', { id, name: file.name, text })
      await this.#taken.similarity(id)
      notify.show(`${dataset.similarity} has ${known} of the ${plural(words, 'word')} of ${dataset.name}.`, 'good')
    })
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.error = undefined
    try {
      await work()
    } catch (error) {
      this.error = error
    }
  }
}
