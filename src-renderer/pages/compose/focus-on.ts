/** Puts the focus on the field of an error, or on the nearest thing around it that is on the page. */
export function focusOn(field: string): void {
  for (let path = field; path; path = path.slice(0, Math.max(path.lastIndexOf('.'), 0))) {
    const element =
      document.querySelector<HTMLElement>(`[data-field="${CSS.escape(path)}"]`) ??
      document.querySelector<HTMLElement>(`[data-field^="${CSS.escape(path)}."]`)
    if (!element) continue
    element.scrollIntoView({ block: 'center' })
    element.focus()
    return
  }
}
