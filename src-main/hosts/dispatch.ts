/**
 * The one way into the studio. Every host (IPC, WebSocket, CLI) hands a call here: its name is looked up in the contract,
 * its input parsed by the contract's schema, and whatever happens comes back as data.
 */
import { calls, isCallName, type CallName, type Result } from '../../src-shared/contract/index.ts'
import { complaint } from '../../src-shared/shapes/issues.ts'
import { StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import { refuseDeep } from '../../src-shared/shapes/json.ts'
import type { Answers } from '../studio/studio.ts'

/**
 * Make a call that came from outside. Never throws.
 * @param name the call as the caller named it: anything
 * @param input what it was given: anything
 */
export async function dispatch(handlers: Answers, name: unknown, input: unknown): Promise<Result<unknown>> {
  try {
    if (!isCallName(name)) throw new StudioError('not-supported', `There is no call ${JSON.stringify(name)}.`)
    return { ok: true, value: await handle(handlers, name, input) }
  } catch (thrown) {
    return { ok: false, error: toErrorData(thrown) }
  }
}

function handle(handlers: Answers, name: CallName, input: unknown): unknown {
  refuseDeep(input)
  const parsed = calls[name].input.safeParse(input)
  if (!parsed.success) {
    const { message, ...about } = complaint(parsed.error, input)
    throw new StudioError('bad-input', `${name}: ${message}`, about)
  }
  // The schema and the handler have the same name, so they agree; TypeScript cannot follow a union of names.
  return (handlers[name] as (input: unknown) => unknown)(parsed.data)
}
