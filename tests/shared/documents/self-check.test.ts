import { expect, it } from 'vitest'
import fc from 'fast-check'
import { verificationScript } from '../../../src-shared/documents/self-check.ts'
import { crossing } from '../../../src-shared/findings/crossing.ts'

it('the report’s own script finds crossings where the studio does, of falling and of rising curves', () => {
  const [source] = /const crossing = [\s\S]*?\n}\n/.exec(verificationScript)!

  const own = new Function('same', `${source}; return crossing`)((a: number, b: number) => Math.abs(a - b) < 1e-12) as (
    ...given: Parameters<typeof crossing>
  ) => number
  const xs = [5, 10, 20, 40, 80]
  const ys = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 })
  fc.assert(
    fc.property(ys, fc.constantFrom('linear' as const, 'log' as const), fc.boolean(), (curve, scale, rising) => {
      const { relation, at } = crossing(xs, curve, 0.5, scale, rising)
      const found = own(xs, curve, 0.5, scale, rising)
      if (relation === '=') expect(found).toBeCloseTo(at, 8)
      else expect(found).toBe(relation === '>' ? Infinity : -Infinity)
    })
  )
})
