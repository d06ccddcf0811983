import { slugOf } from '../../src-shared/text/file-name.ts'

/** Hands a file to the user: a download in the browser, the save dialog on the desktop. */
export function saveFile(name: string, content: Blob | string, mime = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type: `${mime};charset=utf-8` }) : content
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** A title as a file name: `Capacity, dim = 64` gives `capacity-dim-64`. */
export const fileName = (title: string): string => slugOf(title) || 'figure'
