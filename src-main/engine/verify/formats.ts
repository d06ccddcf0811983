/**
 * Every fixture format, with what verifies it. To add one: write its verifier, add its line.
 *
 * A fixture is a JSON file of one case; `T` is a tensor, {"shape": [...], "data": [...]} in row-major order.
 *
 *   {"format": "memory-fixture/1", "model": id, "params": {...}, "note": text?, "weights": {name: T, ...},
 *    "steps": [
 *      {"op": "store", "keys": T, "values": T, "contexts": T?, "positions": [..]?, "times": [..]?, "importances": [..]?},
 *      {"op": "retrieve", "queries": T, "contexts": T?, "position": n?, "time": n?, "level": n?, "expect": T},
 *      {"op": "forward", "inputs": T, "expect": T},
 *      {"op": "trace", name of a trace: T, ...}],
 *    "tolerance": {"absolute": 2e-5, "relative": 2e-4}?}
 *
 * An output passes when |got - expected| <= absolute + relative |expected| everywhere; `tolerance`, in whole or in part,
 * may be left out, and then is what is written here. `recall-fixture/1` and `torch-rng/1`: recall-fixture.ts, torch-rng.ts.
 * For researchers: resources/guide/fixtures.md. What writes one: write-fixture.ts.
 */
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

export type FormatName = 'memory-fixture/1' | 'recall-fixture/1' | 'torch-rng/1'

export const formats: Readonly<Record<FormatName, Format>> = {
  'memory-fixture/1': { tensors: true, verify: verifyMemoryFixture },
  'recall-fixture/1': { tensors: false, verify: verifyRecallFixture },
  'torch-rng/1': { tensors: false, verify: verifyTorchRng }
}
