/** Starting points of the cost model. */
import { costDefaults, type CostInput } from './symbols.ts'

export interface CostPreset {
  id: string
  title: string
  summary: string
  input: CostInput
}

export const costPresets: readonly CostPreset[] = [
  { id: 'defaults', title: 'Defaults', summary: 'A small block over a short sequence.', input: costDefaults },
  {
    id: 'long-context',
    title: 'Long context',
    summary: 'A hundred thousand tokens in chunks of 512; one episodic write per 64 tokens, 32 entries read.',
    input: { ...costDefaults, d: 1024, L: 131_072, H: 16, M: 2048, C: 512, s: 64, K: 32, B: 2 }
  },
  {
    id: 'edge',
    title: 'Edge device',
    summary: 'A narrow block with one byte per value and a memory of one layer.',
    input: { ...costDefaults, d: 128, L: 256, H: 4, M: 32, C: 32, D: 1, e: 1, s: 4, B: 1 }
  }
]
