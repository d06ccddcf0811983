import type { CallInput, CallName, CallOutput } from '../../src-shared/contract/index.ts'
import { errorOf } from '../../src-shared/shapes/errors.ts'
import { bridge } from './bridge.ts'

/**
 * Ask the studio; a refusal is thrown, so that a page writes `await ask(...)` and shows one error.
 * @throws StudioError with what the studio answered
 */
export async function ask<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
  const result = await bridge.call(name, input)
  if (result.ok) return result.value
  throw errorOf(result.error)
}
