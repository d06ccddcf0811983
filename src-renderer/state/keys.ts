/** Keys by the name that commands have for them, on every keyboard. */

/** Node, where tests run, has a navigator without a user agent of a browser. */
export const isMac = /Mac|iP(hone|ad)/.test(navigator.userAgent)

export type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'>

/** Mod, alt and shift as far as they are down, and the key: `mod+enter`, `alt+1`, `?`. */
export function keysOf(event: Pressed, mac = isMac): string {
  const mod = mac ? event.metaKey : event.ctrlKey
  // Option and a key write another character on a Mac, or none yet: the key itself says which it is.
  const plain = event.altKey ? /^(?:Digit|Key)(.)$/.exec(event.code)?.[1] : undefined
  const key = (plain ?? event.key).toLowerCase()
  const printable = key.length === 1 && !/[a-z0-9]/.test(key)
  return [mod && 'mod', event.altKey && 'alt', event.shiftKey && !printable && 'shift', key].filter(Boolean).join('+')
}

/** The key that deletes a thing: a Mac's keyboard has one, and the system calls it Backspace. */
export const isDelete = ({ key }: Pick<KeyboardEvent, 'key'>, mac = isMac): boolean =>
  key === 'Delete' || (mac && key === 'Backspace')
