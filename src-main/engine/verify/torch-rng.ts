/** `torch-rng/1`: draws of PyTorch's CPU generator. */
import { z } from 'zod'
import { TorchGenerator } from '../../tensors/random/torch.ts'
import { compare, join, read, type Verdict } from './compare.ts'

const whole = z.int().min(0).max(10_000_000)
const drawSchema = z.discriminatedUnion('op', [
  z.object({ op: z.enum(['randn', 'rand', 'randperm']), args: z.tuple([whole]), expect: z.array(z.number()) }),
  z.object({ op: z.literal('uniform'), args: z.tuple([whole, z.number(), z.number()]), expect: z.array(z.number()) }),
  z.object({ op: z.literal('randint'), args: z.tuple([whole, z.int(), z.int()]), expect: z.array(z.number()) })
])
const fileSchema = z.object({ cases: z.array(z.object({ seed: z.int(), draws: z.array(drawSchema) })).min(1) })

/** Floats within 1e-6; whole numbers exactly. */
export function verifyTorchRng(json: unknown): Promise<Verdict> {
  const { cases } = read(fileSchema, json)
  const verdicts = cases.flatMap(({ seed, draws }, c) => {
    const generator = new TorchGenerator(seed)
    return draws.map((draw, i) => {
      const absolute = draw.op === 'randperm' || draw.op === 'randint' ? 0 : 1e-6
      const expected = { shape: [draw.expect.length], data: Float32Array.from(draw.expect) }
      const field = `cases.${c}.draws.${i}`
      return compare(drawn(generator, draw), expected, { absolute, relative: 0 }, field)
    })
  })
  return Promise.resolve(join(verdicts))
}

function drawn(generator: TorchGenerator, draw: z.infer<typeof drawSchema>): ArrayLike<number> {
  switch (draw.op) {
    case 'uniform':
      return generator.uniform(...draw.args)
    case 'randint':
      return generator.randint(...draw.args)
    default:
      return generator[draw.op](...draw.args)
  }
}
