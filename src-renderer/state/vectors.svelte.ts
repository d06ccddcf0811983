/** The imported vectors of this data folder, read when they are first shown. */
import type { VectorSet } from '../../src-shared/contract/files.ts'
import { base64 } from '../base64.ts'
import { ask } from './ask.ts'
import { notify } from './notify.svelte.ts'

class Vectors {
  sets = $state.raw<readonly VectorSet[]>([])
  #asked = false

  load(): void {
    if (this.#asked) return
    this.#asked = true
    void ask('vectors.list', {}).then(
      (sets) => (this.sets = sets),
      (error: unknown) => {
        this.#asked = false
        notify.failure(error)
      }
    )
  }

  /** @throws StudioError what is wrong with the file */
  async import(file: File): Promise<VectorSet> {
    const set = await ask('vectors.import', { name: file.name, content: await base64(file) })
    this.sets = [set, ...this.sets.filter(({ hash }) => hash !== set.hash)]
    return set
  }
}

export const vectors = new Vectors()
