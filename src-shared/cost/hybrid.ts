import type { BlockCost, Parts } from './block.ts'
import { episodic } from './episodic.ts'
import { neural } from './neural.ts'
import type { CostInput } from './symbols.ts'

/** Both memories side by side: their shared part names add up, softmax included. */
function joined(a: Parts, b: Parts, gate: number): Parts {
  const out: Record<string, number> = { ...a, gate }
  for (const [name, flops] of Object.entries(b)) out[name] = (out[name] ?? 0) + flops
  return out
}

/** The gate of one token: a projection to one number (2 d) or to d (2 d^2), and the mix (3 d). */
const gateFlops = ({ d, gate }: CostInput): number => (gate === 'scalar' ? 2 * d : 2 * d * d) + 3 * d

/** y = g z_neural + (1-g) z_episodic, g = sigma(x W_g^T + b): neural + episodic + gate. */
export const hybrid: BlockCost = {
  id: 'hybrid',
  title: 'Hybrid',
  formulas: (input) => ({
    ...neural.formulas(input),
    ...episodic.formulas(input),
    projections: '10d^2',
    read: `2P+${episodic.formulas(input).read}`,
    gate: input.gate === 'scalar' ? '2d+3d' : '2d^2+3d'
  }),
  seen: (input) => episodic.seen!(input),
  token: (input, t) => joined(neural.token(input, t), episodic.token(input, t), gateFlops(input)),
  sequence: (input) => joined(neural.sequence(input), episodic.sequence(input), gateFlops(input) * input.L),
  chunk: (input) => joined(neural.chunk(input), episodic.chunk(input), gateFlops(input) * input.C),
  parameters: (input) => {
    const gate = input.gate === 'scalar' ? input.d + 1 : input.d * input.d + input.d
    return neural.parameters(input) + episodic.parameters(input) + gate
  },
  state: (input) => neural.state(input) + episodic.state(input),
  asymptotic: {
    token: (i) => neural.asymptotic.token(i) + episodic.asymptotic.token(i),
    sequence: (i) => neural.asymptotic.sequence(i) + episodic.asymptotic.sequence(i),
    chunk: (i) => neural.asymptotic.chunk(i) + episodic.asymptotic.chunk(i),
    storage: (i) => neural.asymptotic.storage(i) + episodic.asymptotic.storage(i),
    tex: {
      token: '\\rho M d^2 / L + M d',
      sequence: '\\rho M d^2 + L M d',
      chunk: '\\rho M d^2 + C M d',
      storage: '2 M d B'
    }
  }
}
