/** Every fixture format, with what verifies it. To add one: write its verifier, add its line. */
import type { Registry } from '../worker/registry.ts'
import type { Verdict } from './compare.ts'
import { verifyMemoryFixture } from './memory-fixture.ts'
import { verifyRecallFixture } from './recall-fixture.ts'
import { verifyTorchRng } from './torch-rng.ts'

export interface Format {
  /** Computes with tensors, so that it is run on every backend. */
  tensors: boolean
  /**
   * @param batches sizes of batch in which what computes with tensors is run, in turn
   * @throws StudioError that names the field
   */
  verify(json: unknown, registry: Registry, batches: readonly number[]): Promise<Verdict>
}

export const formats: Readonly<Record<string, Format>> = {
  'memory-fixture/1': { tensors: true, verify: verifyMemoryFixture },
  'recall-fixture/1': { tensors: false, verify: verifyRecallFixture },
  'torch-rng/1': { tensors: false, verify: verifyTorchRng }
}
