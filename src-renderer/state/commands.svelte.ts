import { untrack } from 'svelte'
import { isMac, keysOf } from './keys.ts'

/** Something the user can do now: listed in the palette and the help sheet, run by its keys. */
export interface Command {
  id: string
  title: string
  group: string
  /** `mod+enter`, `shift+?`; mod is Ctrl, and Cmd on a Mac. */
  keys?: string
  /** Absent: the part of the page that has the focus hears the keys itself, and only the help sheet lists them. */
  run?: () => void
  enabled?: () => boolean
}

/** The commands of the shell and of the page that is open. */
class Commands {
  #sets = $state.raw<(readonly Command[])[]>([])
  paletteOpen = $state(false)
  helpOpen = $state(false)

  all = $derived(this.#sets.flat())

  /** Offer commands while a component lives: `$effect(() => commands.offer([...]))`. */
  offer(list: readonly Command[]): () => void {
    // Not a dependency of the effect that offers.
    this.#sets = [...untrack(() => this.#sets), list]
    return () => (this.#sets = untrack(() => this.#sets).filter((set) => set !== list))
  }

  /** Runs the command whose keys were pressed; asked before the control that has the focus, which may know the key too. */
  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return
    const pressed = keysOf(event)
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey
    if (plain && isTyping(event.target)) return
    // A dialog owns the keyboard while it is open.
    if (document.querySelector('[role="dialog"][data-state="open"], [role="alertdialog"][data-state="open"]')) return
    const command = this.all.find(({ keys, enabled, run }) => run && keys === pressed && (enabled?.() ?? true))
    if (!command?.run) return
    event.preventDefault()
    event.stopPropagation()
    command.run()
  }
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  )
}

const names: Record<string, string> = {
  ...(isMac
    ? { mod: '⌘', shift: '⇧', alt: '⌥', enter: '↩' }
    : { mod: 'Ctrl', shift: 'Shift', alt: 'Alt', enter: 'Enter' }),
  escape: 'Esc',
  space: 'Space',
  delete: isMac ? '⌫' : 'Delete',
  home: 'Home',
  end: 'End',
  f2: 'F2',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→'
}

/** The keys as the user's keyboard names them. */
export function keyNames(keys: string): string[] {
  return keys.split('+').map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key))
}

export const commands = new Commands()
