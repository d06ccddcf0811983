import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import type { ModelRef } from '../../../../src-shared/shapes/params.ts'
import type { Memory, MemorySetup, Trace } from '../../model.ts'

/** A memory that stores and retrieves. */
export type KeyValueMemory = Memory & Required<Pick<Memory, 'store' | 'retrieve'>>

/**
 * A key-value memory inside another, its weights under a prefix.
 * @param field the parameter that names it, for the error
 * @throws StudioError bad-input for a kind that does not store and retrieve
 */
export function keyValue(
  setup: MemorySetup,
  { kind, params }: ModelRef,
  prefix: string,
  field: string
): KeyValueMemory {
  const memory = setup.build(kind, params, prefix)
  if (memory.store && memory.retrieve) return memory as KeyValueMemory
  memory.dispose()
  throw new StudioError('bad-input', `"${kind}" does not store and retrieve pairs; choose a key-value memory.`, {
    field
  })
}

/** The traces of a memory inside another: `neural.surprise`, "Neural memory: Surprise". */
export async function tracesUnder(memory: Memory, prefix: string, title: string): Promise<Trace[]> {
  const traces = (await memory.traces?.()) ?? []
  return traces.map((trace) => ({ ...trace, name: `${prefix}${trace.name}`, title: `${title}: ${trace.title}` }))
}

/** The traces of memories inside another, told apart by their number: `blocks.0.gate`, "Block 1: Write gate". */
export async function tracesOf(memories: readonly Memory[], name: string, title: string): Promise<Trace[]> {
  const all = await Promise.all(memories.map((memory, i) => tracesUnder(memory, `${name}.${i}.`, `${title} ${i + 1}`)))
  return all.flat()
}
