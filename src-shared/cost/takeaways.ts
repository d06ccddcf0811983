/**
 * The source's table of key takeaways beside what the exact counts say at the current parameters: attention, neural and
 * episodic memory side by side, whatever the charts show.
 */
import { count, flops, significant } from '../text/numbers.ts'
import type { BlockId, Parts } from './block.ts'
import type { CostInput } from './symbols.ts'
import { blocks, evaluate } from './view.ts'
import { doubling } from './conclusions.ts'

export interface Takeaway {
  aspect: string
  /** Whom the source calls the winner, and why. */
  said: { winners: readonly BlockId[]; why: string }
  /** What is compared here. */
  measure: string
  values: readonly { memory: BlockId; value: number; text: string }[]
  /** Who is ahead by the numbers; more than one where they are level. */
  winners: readonly BlockId[]
  /** Whether the source's winners are ahead: all of them, some of them or none. */
  verdict: 'holds' | 'in part' | 'does not hold'
}

const memories = ['attention', 'neural', 'episodic'] as const
type Memory = (typeof memories)[number]

/** Numbers this near to one another are level. */
const level = 1e-3

function takeaway(
  claim: Pick<Takeaway, 'aspect' | 'said' | 'measure'>,
  valueOf: (memory: Memory) => number,
  better: 'lower' | 'higher',
  text: (value: number) => string
): Takeaway {
  const values = memories.map((memory) => ({ memory, value: valueOf(memory), text: text(valueOf(memory)) }))
  const all = values.map(({ value }) => value)
  const best = better === 'lower' ? Math.min(...all) : Math.max(...all)
  const winners = values
    .filter(({ value }) => Math.abs(value - best) <= level * Math.abs(best))
    .map(({ memory }) => memory)
  const right = claim.said.winners.filter((id) => winners.some((winner) => winner === id)).length
  const verdict = right === 0 ? 'does not hold' : right === claim.said.winners.length ? 'holds' : 'in part'
  return { ...claim, values, winners, verdict }
}

/** What reading adds to a token that is projected already: scores, values and softmax, or a pass through the network. */
const reading = ({ read, softmax = 0 }: Parts): number => read + softmax

/** How many tokens a token can still tell apart: those that it attends to, or the newest that the bank has entries of. */
function reach(memory: Memory, { L, M, s }: CostInput): number {
  if (memory === 'attention') return L
  return memory === 'episodic' ? Math.min(L, M * s) : 0
}

/** The four rows of the table. */
export function takeaways(input: CostInput): Takeaway[] {
  const { L } = input
  const sequence = (memory: Memory): number => evaluate(memory, 'exact', 'sequence', input)
  return [
    takeaway(
      {
        aspect: 'Compute efficiency',
        said: { winners: ['neural'], why: 'constant in L, efficient for long sequences' },
        measure: 'FLOPs per sequence'
      },
      sequence,
      'lower',
      flops
    ),
    takeaway(
      {
        aspect: 'Fast recall',
        said: { winners: ['episodic'], why: 'direct similarity lookup, no training required' },
        measure: 'FLOPs of one read, after the projections'
      },
      (memory) => reading(blocks[memory].token(input, L)),
      'lower',
      flops
    ),
    takeaway(
      {
        aspect: 'Contextual power',
        said: { winners: ['attention'], why: 'global context, but expensive as L grows' },
        measure: 'tokens of the sequence that stay apart'
      },
      (memory) => reach(memory, input),
      'higher',
      (value) => count(value)
    ),
    takeaway(
      {
        aspect: 'Scalability',
        said: { winners: ['neural', 'episodic'], why: 'attention cost grows fastest' },
        measure: 'growth of FLOPs when L doubles'
      },
      (memory) => doubling(memory, 'exact', 'sequence', input, 'L'),
      'lower',
      (value) => `× ${significant(value, 3)}`
    )
  ]
}
