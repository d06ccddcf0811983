/**
 * Markup that escapes by default. `markup` is a template tag: every value put into it is escaped unless it is Markup
 * itself, so a name typed by a user can never become an element or a handler.
 */

/** Text known to be safe markup; only `markup` and `raw` make it. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

export type MarkupValue = Markup | string | number | null | undefined | false | readonly MarkupValue[]

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Escape text for HTML, SVG and quoted attributes. Control characters that XML forbids are dropped. */
export function escapeMarkup(text: string): string {
  // eslint-disable-next-line no-control-regex -- exactly these are what XML forbids
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').replace(/[&<>"']/g, (c) => entities[c])
}

function render(value: MarkupValue): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Markup) return value.text
  if (Array.isArray(value)) return value.map(render).join('')
  return escapeMarkup(String(value))
}

export function markup(parts: TemplateStringsArray, ...values: MarkupValue[]): Markup {
  return new Markup(parts.reduce((text, part, i) => text + render(values[i - 1]) + part))
}

/** Markup from text that is already safe (constants of our own). */
export const raw = (text: string): Markup => new Markup(text)

/** JSON that can stand inside a script element: no `<`, `>`, `&` or line separators survive. */
export function embeddedJson(value: unknown): Markup {
  const text = JSON.stringify(value)
  return new Markup(text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`))
}
