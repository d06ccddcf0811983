import type { Tensor } from '@tensorflow/tfjs'
import type { ForwardOptions, Memory } from '../../model.ts'

/** What a block made of other blocks does with all of them. */
export const resetAll = (parts: readonly Memory[]): void => parts.forEach((part) => part.reset())
export const disposeAll = (parts: readonly Memory[]): void => parts.forEach((part) => part.dispose())

/** A part's forward; the registry has checked that it is a sequence block. */
export const forward = (part: Memory, x: Tensor, options?: ForwardOptions): Tensor => part.forward!(x, options)
