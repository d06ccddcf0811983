import { toErrorData } from '../../src-shared/shapes/errors.ts'
import { connection } from './connection.svelte.ts'

export interface Toast {
  id: number
  tone: 'plain' | 'good' | 'danger'
  text: string
  /** One thing to do about it: undo, open. */
  action?: { label: string; run: () => void }
}

export interface Question {
  title: string
  text: string
  confirm: string
  /** What not doing it is called; Cancel if left out. */
  keep?: string
  danger?: boolean
}

/** What takes longer than this is told of. */
const patienceMs = 1000

/** What the studio tells the user in passing, and what it asks before it acts. */
class Notify {
  toasts = $state<Toast[]>([])
  question = $state.raw<(Question & { answer: (yes: boolean) => void }) | undefined>()
  #next = 1

  show(text: string, tone: Toast['tone'] = 'plain', action?: Toast['action'], stays = false): number {
    const id = this.#next++
    this.toasts.push({ id, tone, text, ...(action && { action }) })
    if (this.toasts.length > 4) this.toasts.shift()
    // What goes on stays until it is closed; errors leave time to be copied, the rest to be read and its button pressed.
    if (!stays) setTimeout(() => this.close(id), tone === 'danger' ? 20_000 : action ? 10_000 : 5000)
    return id
  }

  /** Say what was done, with its way back. */
  undoable(text: string, run: () => void): void {
    this.show(text, 'plain', { label: 'Undo', run })
  }

  /**
   * Do what may take a while. Once it has lasted a second, a message stays until its end, which says how far it is and
   * offers to give it up.
   * @returns undefined when it was given up
   * @throws what ends it otherwise
   */
  async during<T>(
    text: string,
    giveUp: () => unknown,
    work: (say: (text: string) => void) => Promise<T>
  ): Promise<T | undefined> {
    let [said, givenUp, id] = [text, false, 0]
    const run = (): void => {
      givenUp = true
      giveUp()
    }
    const timer = setTimeout(() => {
      id = this.show(said, 'plain', { label: 'Cancel', run }, true)
    }, patienceMs)
    try {
      return await work((next) => {
        said = next
        const toast = this.toasts.find((one) => one.id === id)
        if (toast) toast.text = next
      })
    } catch (error) {
      if (!givenUp) throw error
      return undefined
    } finally {
      clearTimeout(timer)
      this.close(id)
    }
  }

  /** Shows a thrown error by its sentence; that the studio cannot be reached is said until it can. */
  failure(error: unknown): void {
    const { code, message } = toErrorData(error)
    const id = this.show(message, 'danger')
    if (code !== 'connection-lost') return
    const stop = connection.onFound(() => {
      this.close(id)
      stop()
    })
  }

  /** Does what may be refused, and says so if it is. @returns whether it was done */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      this.failure(error)
      return false
    }
  }

  close(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id)
  }

  /** Ask before something that matters: `if (await notify.confirm({...}))`. */
  confirm(question: Question): Promise<boolean> {
    this.question?.answer(false)
    return new Promise((resolve) => {
      this.question = {
        ...question,
        answer: (yes) => {
          this.question = undefined
          resolve(yes)
        }
      }
    })
  }
}

export const notify = new Notify()
