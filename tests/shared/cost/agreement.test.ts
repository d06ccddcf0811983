import { describe, expect, it } from 'vitest'
import { agreements } from '../../../src-shared/cost/agreement.ts'
import {
  inputAt,
  measuredPart,
  predictedFlops,
  rooflineSeconds,
  type Measurement,
  type MeasureRequest
} from '../../../src-shared/cost/measurement.ts'
import { costDefaults } from '../../../src-shared/cost/symbols.ts'

const request: MeasureRequest = {
  memories: ['attention', 'neural'],
  over: 'L',
  values: [64, 128, 256, 512, 1024],
  input: costDefaults,
  backend: 'cpu',
  repeats: 3
}
const peaks = { flopsPerSecond: 1e10, bytesPerSecond: 1e10 }

/** A machine that needs `slow` times what the roofline allows. */
function measured(slow: (x: number) => number, over: Partial<Measurement> = {}): Measurement {
  const points = request.memories.flatMap((memory) =>
    request.values.map((x) => {
      const ms = 1000 * slow(x) * rooflineSeconds(memory, inputAt(request, memory, x), peaks)
      return { memory, x, timesMs: [1.1 * ms, 0.9 * ms, ms], parameterBytes: 1, stateBytes: 1, peakBytes: 1 }
    })
  )
  const about = { id: 'a', created: '', backend: 'cpu', adapter: '', cpu: '', version: '', commit: '' }
  return { ...about, status: 'done', request, peaks, points, total: 10, error: null, ...over }
}

describe('agreement', () => {
  it('a machine at a fifth of its peaks agrees everywhere, with the exponents that were predicted', () => {
    const [attention, neural] = agreements(measured(() => 5))
    for (const one of [attention, neural]) {
      expect(one.efficiency).toBeCloseTo(0.2, 10)
      expect(one.regions).toEqual([])
      expect(one.points.every(({ off }) => Math.abs(off - 1) < 1e-9)).toBe(true)
    }
    expect(neural.predicted!.exponent).toBeCloseTo(1, 10)
    expect(neural.measured!.exponent).toBeCloseTo(1, 1)
    expect(attention.points[0]).toMatchObject({
      n: 3,
      flops: predictedFlops('attention', inputAt(request, 'attention', 64))
    })
    const { lowMs, medianMs, highMs } = attention.points[0]
    expect([lowMs / medianMs, highMs / medianMs].map((v) => Number(v.toFixed(6)))).toEqual([0.95, 1.05])
  })
  it('names the stretch where it is more than twice too slow, and no other', () => {
    const [attention] = agreements(measured((x) => (x < 200 ? 30 : 5)))
    expect(attention.regions).toMatchObject([{ from: 64, to: 128, slower: true }])
    expect(attention.regions[0].worst).toBeCloseTo(6, 6)
  })
  it('and where it is faster', () => {
    const [attention] = agreements(measured((x) => (x === 1024 ? 1 : 5)))
    expect(attention.regions).toMatchObject([{ from: 1024, to: 1024, slower: false }])
  })
  it('leaves out what failed, and a memory of which nothing is there', () => {
    const { points, ...rest } = measured(() => 1)
    const few = points.map((p) => (p.memory === 'neural' || p.x === 64 ? { ...p, timesMs: [] } : p))
    const [attention, ...none] = agreements({ ...rest, points: few })
    expect(none).toEqual([])
    expect(attention.points.map(({ x }) => x)).toEqual([128, 256, 512, 1024])
  })
  it('has no exponent of a single point', () => {
    const { points, ...rest } = measured(() => 1)
    expect(agreements({ ...rest, points: points.slice(0, 1) })[0].measured).toBeNull()
  })
})

describe('how far a measurement is', () => {
  it('counts a point by the time that the machine allows for it, so half of the lengths are less than half of the work', () => {
    const whole = measured(() => 5)
    const part = measuredPart({ ...whole, points: whole.points.filter(({ x }) => x <= 128) })
    // 64 + 128 of 64 + ... + 1024 tokens for the neural memory, which is linear; less for attention, which is not.
    expect(part.done / part.total).toBeLessThan(192 / 1984 + 0.01)
    expect(part.done / part.total).toBeGreaterThan(0.04)
    const all = measuredPart(whole)
    expect(all.done).toBeCloseTo(all.total, 12)
    expect(measuredPart({ ...whole, points: [] }).done).toBe(0)
  })
  it('counts points before the peaks are known', () => {
    const whole = measured(() => 5, { peaks: null })
    expect(measuredPart({ ...whole, points: whole.points.slice(0, 3) })).toEqual({ done: 3, total: 10 })
  })
})
