/** Where the asymptotic table misleads, with the numbers of the current parameters. */
import { bytes, flops, percent } from '../text/numbers.ts'
import { total, type BlockId } from './block.ts'
import type { CostInput } from './symbols.ts'
import { blocks, evaluate } from './view.ts'

/** One entry per error of the table that concerns the shown memories. */
export function caveats(memories: readonly BlockId[], input: CostInput): string[] {
  const has = (...ids: BlockId[]): boolean => ids.some((id) => memories.includes(id))
  const out: string[] = []
  if (has('neural', 'hybrid')) {
    const [said, counted] = (['asymptotic', 'exact'] as const).map((view) =>
      evaluate('neural', view, 'sequence', input)
    )
    out.push(
      `The table updates the neural memory once per sequence (${flops(said)}), but it is written at every token: its cost grows with L and is ${flops(counted)}. M does not enter at all: its size is that of its layers, set by D, e and d.`
    )
  }
  const attention = blocks.attention.sequence(input)
  const episodic = blocks.episodic.sequence(input)
  const shares = [
    ...(has('attention') ? [`${share(attention.projections, total(attention))} of attention`] : []),
    ...(has('episodic', 'hybrid') ? [`${share(episodic.projections, total(episodic))} of episodic memory`] : [])
  ]
  if (shares.length) out.push(`It leaves the projections out, which here are ${shares.join(' and ')}.`)
  if (has('attention', 'episodic', 'hybrid')) {
    const id = has('episodic', 'hybrid') ? 'episodic' : 'attention'
    out.push(
      `It stores one vector per entry; keys and values are two: ${bytes(evaluate(id, 'exact', 'state', input))} instead of ${bytes(evaluate(id, 'asymptotic', 'state', input))} for ${blocks[id].title.toLowerCase()}.`
    )
  }
  if (has('episodic', 'hybrid'))
    out.push(
      `It leaves out what writing costs: ${flops(episodic.write)} per sequence for episodic memory with s = ${input.s}.`
    )
  return out
}

const share = (part: number, whole: number): string => percent(part / whole)
