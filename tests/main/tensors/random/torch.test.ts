import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { TorchGenerator } from '../../../../src-main/tensors/random/torch.ts'

interface Draw {
  op: 'randn' | 'rand' | 'uniform' | 'randperm' | 'randint'
  args: number[]
  expect: number[]
}
const golden = JSON.parse(readFileSync(new URL('../../../golden/torch-rng.json', import.meta.url), 'utf8')) as {
  cases: { seed: number; draws: Draw[] }[]
}

describe("PyTorch's CPU generator", () => {
  it('gives the published first words of MT19937 for its usual seed', () => {
    const generator = new TorchGenerator(5489)
    expect([generator.word(), generator.word(), generator.word()]).toEqual([3499211612, 581869302, 3890346734])
  })

  it.each(golden.cases)('follows every recorded draw of seed $seed', ({ seed, draws }) => {
    const generator = new TorchGenerator(seed)
    for (const { op, args, expect: expected } of draws) {
      const [a, b, c] = args
      if (op === 'randperm' || op === 'randint') {
        const got = op === 'randperm' ? generator.randperm(a) : generator.randint(a, b, c)
        expect([...got]).toEqual(expected)
        continue
      }
      const got = op === 'uniform' ? generator.uniform(a, b, c) : generator[op](a)
      expect(got.length).toBe(expected.length)
      const worst = Math.max(...expected.map((value, i) => Math.abs(value - got[i])))
      expect(worst, `${op}(${args.join(', ')})`).toBeLessThanOrEqual(1e-6)
    }
  })
})
