/** JSON from outside: how deep it may nest, and errors that say where without saying what stands there. */
import { StudioError, type ErrorData } from './errors.ts'

/** Arrays and objects inside each other; nothing that is meant comes near. */
export const deepestJson = 100

/** Whether a value nests deeper than that. It takes no recursion, so that no value can exhaust the stack. */
export function nestsTooDeep(value: unknown): boolean {
  let level: object[] = isContainer(value) ? [value] : []
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= deepestJson) return true
    level = level.flatMap((one) => (Object.values(one) as unknown[]).filter(isContainer))
  }
  return false
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null

/**
 * What a text holds as JSON.
 * @param what the sentence of the refusal, up to where it is: `This is not JSON`
 * @throws StudioError bad-file with line and column, never with the text itself: a path may name any file of the
 *   machine, and its content is no business of who asked; too-large for what nests deeper than 100
 */
export function parseJson(text: string, about: Partial<ErrorData> = {}, what = 'This is not JSON'): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1]
    throw new StudioError('bad-file', `${what}${at === undefined ? '' : ` (${lineAt(text, Number(at))})`}.`, about)
  }
  refuseDeep(value, about)
  return value
}

/** @throws StudioError too-large */
export function refuseDeep(value: unknown, about: Partial<ErrorData> = {}): void {
  if (nestsTooDeep(value))
    throw new StudioError('too-large', `This nests deeper than ${deepestJson} levels; nothing needs that.`, about)
}

function lineAt(text: string, position: number): string {
  const before = text.slice(0, position).split('\n')
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}
