import type { Tensor } from '@tensorflow/tfjs'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { Memory } from '../../models/model.ts'

/**
 * A memory that refuses to hand out a tensor of the wrong shape: [B, Q, dv] from retrieve, [B, N, dm] from targets, the
 * shape of its inputs from forward. A wrong shape would otherwise broadcast into wrong numbers.
 */
export function checkedMemory(memory: Memory, batch: number, title: string): Memory {
  const check = (what: string, got: Tensor, rows: number, length?: number): Tensor => {
    const shape = (got as Tensor | undefined)?.shape as number[] | undefined
    if (shape?.length === 3 && shape[0] === batch && shape[1] === rows && (length === undefined || shape[2] === length))
      return got
    const wanted = `[${batch}, ${rows}, ${length ?? 'any'}]`
    throw new StudioError(
      'model-failed',
      `${title}: ${what} gave ${shape ? `shape [${shape.join(', ')}]` : 'no tensor'} where ${wanted} is due.`
    )
  }
  let valueLength: number | undefined
  const { store, retrieve, forward, targets, traces } = memory
  return {
    ...(store && {
      store(input) {
        if (!targets) valueLength = input.values.shape[2]
        store.call(memory, input)
      }
    }),
    ...(retrieve && {
      retrieve: (input) =>
        check('retrieve', retrieve.call(memory, input), input.queries.shape[1] as number, valueLength)
    }),
    ...(forward && {
      forward: (inputs, options) =>
        check('forward', forward.call(memory, inputs, options), inputs.shape[1] as number, inputs.shape[2] as number)
    }),
    ...(targets && {
      targets: (values) => check('targets', targets.call(memory, values), values.shape[1] as number)
    }),
    ...(traces && { traces: () => traces.call(memory) }),
    reset: () => memory.reset(),
    dispose: () => memory.dispose()
  }
}
