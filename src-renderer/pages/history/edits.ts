/** What is done to runs from the history, each with its way back. */
import type { CallInput } from '../../../src-shared/contract/index.ts'
import type { RunRow } from '../../../src-shared/shapes/run.ts'
import { plural } from '../../../src-shared/text/numbers.ts'
import { ask } from '../../state/ask.ts'
import { notify } from '../../state/notify.svelte.ts'
import { tagChanges } from '../../../src-shared/text/tags.ts'
import type { RunList } from './run-list.svelte.ts'
import type { Selection } from './selection.svelte.ts'

type Change = Partial<Pick<RunRow, 'name' | 'notes' | 'tags'>>

export class Edits {
  readonly #list: RunList
  readonly #selection: Selection
  readonly #reload: () => Promise<void>

  constructor(list: RunList, selection: Selection, reload: () => Promise<void>) {
    this.#list = list
    this.#selection = selection
    this.#reload = reload
  }

  /** Rename a run or change its note or tags; shown at once, put right by the studio's answer. */
  async update(id: string, change: Change): Promise<void> {
    const before = this.#list.byId(id)
    if (!before) return
    const put = (from: Change, to: Change): Promise<boolean> => {
      const { tags, ...rest } = to
      this.#list.patch(id, to)
      return this.#do('runs.update', { ids: [id], ...rest, ...(tags && tagChanges(from.tags ?? [], tags)) })
    }
    const kept: Change = {
      ...(change.name !== undefined && { name: before.name }),
      ...(change.notes !== undefined && { notes: before.notes }),
      ...(change.tags !== undefined && { tags: before.tags })
    }
    if (!(await put(kept, change))) return
    const what = change.name !== undefined ? 'Renamed' : change.tags ? 'Tags changed' : 'Note changed'
    notify.undoable(`${what}.`, () => void put(change, kept))
  }

  /** Tags are added to runs that lack them; undone, only these lose them again. */
  async addTags(ids: readonly string[], tags: readonly string[]): Promise<void> {
    if (!tags.length) return
    const before = ids.flatMap((id) => this.#list.byId(id) ?? []).map(({ id, tags: had }) => ({ id, had }))
    if (!(await this.#do('runs.update', { ids: [...ids], addTags: [...tags] }))) return
    // Runs that were never seen here may have had the tags before: theirs are not taken away.
    notify.undoable(`${plural(ids.length, 'run')} tagged.`, () => {
      for (const tag of tags) {
        const own = before.filter(({ had }) => !had.includes(tag)).map(({ id }) => id)
        if (own.length) void this.#do('runs.update', { ids: own, removeTags: [tag] })
      }
    })
  }

  async trash(ids: readonly string[]): Promise<void> {
    const list = [...ids]
    if (!(await this.#do('runs.trash', { ids: list }))) return
    this.#selection.clear()
    notify.undoable(
      `${plural(list.length, 'run')} moved to the trash.`,
      () => void this.#do('runs.restore', { ids: list })
    )
  }
  async restore(ids: readonly string[]): Promise<void> {
    const list = [...ids]
    if (!(await this.#do('runs.restore', { ids: list }))) return
    this.#selection.clear()
    notify.undoable(`${plural(list.length, 'run')} restored.`, () => void this.#do('runs.trash', { ids: list }))
  }
  async purge(ids: readonly string[]): Promise<void> {
    const sure = await notify.confirm({
      title: `Delete ${plural(ids.length, 'run')} for good?`,
      text: 'Their trials, curves and notes are gone after this. There is no way back.',
      confirm: 'Delete for good',
      keep: 'Keep in the trash',
      danger: true
    })
    if (sure && (await this.#do('runs.purge', { ids: [...ids] }))) this.#selection.clear()
  }

  async #do<N extends 'runs.update' | 'runs.trash' | 'runs.restore' | 'runs.purge'>(
    call: N,
    input: CallInput<N>
  ): Promise<boolean> {
    const done = await notify.attempt(() => ask(call, input))
    void this.#reload()
    return done
  }
}
