import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { costCommand, costsOf, costTable, type CostOptions } from '../../../../src-main/hosts/terminal/cost.ts'
import type { StudioError } from '../../../../src-shared/shapes/errors.ts'

/** The options as the command line gives them. */
function parsed(...words: string[]): CostOptions {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  let seen: CostOptions | undefined
  costCommand(command)
  command.action((options: CostOptions) => void (seen = options))
  command.parse(words, { from: 'user' })
  return seen!
}
const costs = (...words: string[]): ReturnType<typeof costsOf> => costsOf(parsed(...words))

describe('engram cost', () => {
  it('prints the quoted totals for the sizes that are given', () => {
    const { memories } = costs(
      ...'--memory attention,episodic --d 512 --L 128 --heads 8 --M 64 --rho 0.1 --bytes 4'.split(' ')
    )
    expect(memories.map(({ memory, exact }) => [memory, exact.flopsPerSequence])).toEqual([
      ['attention', 285_343_744],
      ['episodic', 285_212_672]
    ])
  })
  it('knows every symbol and option of the model', () => {
    const { input } = costs(
      ...'--C 7 --depth 3 --expansion 1 --segment 2 --topk 5 --no-causal --buffer empty --gate vector'.split(' ')
    )
    expect(input).toMatchObject({ C: 7, D: 3, e: 1, s: 2, K: 5, causal: false, buffer: 'empty', gate: 'vector' })
  })
  it('keeps a chunk that nobody asked for within the sequence', () => expect(costs('--L', '32').input.C).toBe(32))
  it.each([
    [['--heads', '7'], '--heads'],
    [['--C', '1000'], '--C'],
    [['--rho', '2'], '--rho'],
    [['--bytes', '3'], '--bytes'],
    [['--M', '1.5'], '--M'],
    [['--topk', '65'], '--topk']
  ])('refuses %j and names the option', (words, field) => {
    let data: unknown
    try {
      costs(...words)
    } catch (error) {
      data = (error as StudioError).data
    }
    expect(data).toMatchObject({ code: 'bad-input', field })
  })
  it.each([
    ['--memory', 'cache'],
    ['--rho', 'x'],
    ['--d', ''],
    ['--buffer', 'half']
  ])('refuses %s %j before anything is computed', (...words) => expect(() => parsed(...words)).toThrow())
  it('shows both views of each memory as a table', () => {
    const lines = costTable(costs('--memory', 'neural')).split('\n')
    expect(lines.find((line) => line.startsWith('Neural memory  asymptotic'))).toContain('1.68 M')
    expect(lines.find((line) => line.startsWith('Neural memory  exact'))).toContain('1.84 G')
  })
})
