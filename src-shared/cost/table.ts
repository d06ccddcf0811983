/** Every number of a memory at once: what the command prints and the LaTeX table shows. */
import { latexTable } from '../text/latex.ts'
import { bytes, siNumber } from '../text/numbers.ts'
import type { BlockId } from './block.ts'
import { costSymbols, type CostInput, type CostName } from './symbols.ts'
import { blocks, evaluate, type CostView, type Quantity } from './view.ts'

export interface MemoryCosts {
  memory: BlockId
  title: string
  asymptotic: {
    flopsPerToken: number
    flopsPerSequence: number
    flopsPerChunk: number
    stateBytes: number
    chunkStateBytes: number
  }
  exact: {
    /** Of the last token; attention and a filling buffer cost less before it. */
    flopsPerToken: number
    flopsPerTokenMean: number
    flopsPerSequence: number
    flopsPerChunk: number
    /** Of the sequence, not part of the totals above. */
    softmaxFlopsPerSequence: number
    parameters: number
    parameterBytes: number
    stateBytes: number
    /** Read chunk by chunk: attention then keeps one chunk. */
    chunkStateBytes: number
  }
}

export function memoryCosts(id: BlockId, input: CostInput): MemoryCosts {
  const at = (view: CostView, quantity: Quantity): number => evaluate(id, view, quantity, input)
  return {
    memory: id,
    title: blocks[id].title,
    asymptotic: {
      flopsPerToken: at('asymptotic', 'token'),
      flopsPerSequence: at('asymptotic', 'sequence'),
      flopsPerChunk: at('asymptotic', 'chunk'),
      stateBytes: at('asymptotic', 'state'),
      chunkStateBytes: at('asymptotic', 'chunkState')
    },
    exact: {
      flopsPerToken: at('exact', 'token'),
      flopsPerTokenMean: at('exact', 'tokenMean'),
      flopsPerSequence: at('exact', 'sequence'),
      flopsPerChunk: at('exact', 'chunk'),
      softmaxFlopsPerSequence: blocks[id].sequence(input).softmax ?? 0,
      parameters: blocks[id].parameters(input),
      parameterBytes: at('exact', 'parameters'),
      stateBytes: at('exact', 'state'),
      chunkStateBytes: at('exact', 'chunkState')
    }
  }
}

/**
 * `d = 512, L = 128, ...`, with the options that the exact view needs.
 * @param swept the symbol that has other values, each in its turn
 */
export function inputText(input: CostInput, swept?: CostName): string {
  const sizes = costSymbols.flatMap(({ name }) => (name === swept ? [] : `${name} = ${input[name]}`))
  const mask = input.causal ? 'causal' : 'not causal'
  return [...sizes, mask, `${input.buffer} buffer`, `${input.gate} gate`].join(', ')
}

/** One or several parameter sets as one booktabs table of both views. */
export function costLatex(sets: readonly { name: string; input: CostInput }[], memories: readonly BlockId[]): string {
  const many = sets.length > 1
  const rows = sets.flatMap(({ name, input }) =>
    memories.flatMap((id) => {
      const { title, exact, asymptotic } = memoryCosts(id, input)
      const cells = (view: string, costs: typeof exact | typeof asymptotic, parameters: string): string[] => [
        ...(many ? [name] : []),
        title,
        view,
        siNumber(costs.flopsPerToken),
        siNumber(costs.flopsPerSequence),
        siNumber(costs.flopsPerChunk),
        parameters,
        bytes(costs.stateBytes)
      ]
      return [cells('asymptotic', asymptotic, '–'), cells('exact', exact, siNumber(exact.parameters))]
    })
  )
  return latexTable({
    caption: 'Cost of each memory in FLOPs (one multiply-add is 2; softmax left out), parameters and state.',
    label: 'tab:memory-cost',
    columns: [
      ...(many ? [{ head: 'Setting' }] : []),
      { head: 'Memory' },
      { head: 'View' },
      ...['Per token', 'Per sequence', 'Per chunk', 'Parameters', 'State'].map((head) => ({ head, number: true }))
    ],
    rows,
    note: sets.map(({ name, input }) => `${many ? `${name}: ` : ''}${inputText(input)}.`).join(' ')
  })
}
