/** Tags as they are typed, `new, thesis`: without repeats and blanks. */
export function readTags(text: string): string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))]
    .filter((tag) => tag !== '')
    .map((tag) => tag.slice(0, 200))
}

export function tagChanges(
  before: readonly string[],
  after: readonly string[]
): { addTags: string[]; removeTags: string[] } {
  return {
    addTags: after.filter((tag) => !before.includes(tag)),
    removeTags: before.filter((tag) => !after.includes(tag))
  }
}
