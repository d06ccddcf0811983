/** `engram cost`: what memories cost, predicted from their sizes; nothing is started for it. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { BlockId } from '../../../src-shared/cost/block.ts'
import {
  checkCostInput,
  costDefaults,
  costSymbols,
  type CostInput,
  type CostName
} from '../../../src-shared/cost/symbols.ts'
import { inputText, memoryCosts, type MemoryCosts } from '../../../src-shared/cost/table.ts'
import { blocks } from '../../../src-shared/cost/view.ts'
import { decimalComma } from '../../../src-shared/shapes/decimals.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { bytes, siNumber } from '../../../src-shared/text/numbers.ts'
import { outcome, print } from './outcome.ts'
import { table } from './text.ts'

/** What each symbol is called on the command line. */
const flags: Record<CostName, string> = {
  d: 'd',
  L: 'L',
  H: 'heads',
  M: 'M',
  rho: 'rho',
  B: 'bytes',
  C: 'C',
  D: 'depth',
  e: 'expansion',
  s: 'segment',
  K: 'topk'
}

export type CostOptions = Partial<Record<string, unknown>> & {
  memory: BlockId[]
  causal: boolean
  buffer: CostInput['buffer']
  gate: CostInput['gate']
  json?: true
}

/**
 * The costs of the asked memories. A chunk, segment or top-K that was not given is kept within the L or M that was.
 * @throws StudioError bad-input with the option in its field
 */
export function costsOf(options: CostOptions): { input: CostInput; memories: MemoryCosts[] } {
  const given = Object.fromEntries(
    costSymbols.flatMap(({ name }) => (options[flags[name]] === undefined ? [] : [[name, options[flags[name]]]]))
  ) as Partial<CostInput>
  const { causal, buffer, gate } = options
  const input: CostInput = { ...costDefaults, ...given, causal, buffer, gate }
  if (given.C === undefined) input.C = Math.max(1, Math.min(input.C, input.L))
  const [error] = checkCostInput(input)
  if (error) {
    const { code, message, field } = error
    throw new StudioError(code, message, { field: `--${flags[field as CostName]}` })
  }
  return { input, memories: options.memory.map((id) => memoryCosts(id, input)) }
}

/** As a table for people: SI for FLOPs, IEC for bytes. */
export function costTable({ input, memories }: ReturnType<typeof costsOf>): string {
  return [
    inputText(input),
    '',
    table(
      ['memory', 'view', 'FLOP/token', 'FLOP/sequence', 'FLOP/chunk', 'parameters', 'state'],
      memories.flatMap(({ title, asymptotic, exact }) =>
        [asymptotic, exact].map((costs) => [
          title,
          costs === exact ? 'exact' : 'asymptotic',
          siNumber(costs.flopsPerToken),
          siNumber(costs.flopsPerSequence),
          siNumber(costs.flopsPerChunk),
          costs === exact ? siNumber(exact.parameters) : '',
          bytes(costs.stateBytes)
        ])
      )
    ),
    '',
    'One multiply-add is 2 FLOPs; softmax is left out; per token: the last of the sequence.'
  ].join('\n')
}

function memoriesOf(text: string): BlockId[] {
  const ids = text.split(',').map((id) => id.trim())
  const unknown = ids.find((id) => !Object.hasOwn(blocks, id))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no memory "${unknown}"; choose of ${Object.keys(blocks).join(', ')}.`)
  return [...new Set(ids)] as BlockId[]
}

function numberOf(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError(`${decimalComma(text) ?? 'It must be a number'}.`)
  return value
}

export function costCommand(command: Command): void {
  command
    .description('FLOPs, parameters and state of memories, predicted from their sizes')
    .addOption(
      new Option('--memory <list>', `of ${Object.keys(blocks).join(', ')}`)
        .argParser(memoriesOf)
        .default(Object.keys(blocks), 'all')
    )
  for (const { name, label, default: value } of costSymbols)
    command.addOption(new Option(`--${flags[name]} <n>`, `${label} (default: ${value})`).argParser(numberOf))
  command
    .option('--causal', 'attention sees only earlier tokens', costDefaults.causal)
    .option('--no-causal', 'attention sees the whole sequence')
    .addOption(
      new Option('--buffer <state>', 'episodic buffer at the start')
        .choices(['full', 'empty'])
        .default(costDefaults.buffer)
    )
    .addOption(
      new Option('--gate <kind>', 'gate of the hybrid').choices(['scalar', 'vector']).default(costDefaults.gate)
    )
    .option('--json', 'every number as JSON')
    .action((options: CostOptions) =>
      outcome(async () => {
        const costs = costsOf(options)
        await print(options.json ? JSON.stringify(costs, null, 2) : costTable(costs))
      })
    )
}
