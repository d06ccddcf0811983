/** How a measurement agrees with the prediction: exponents, roofline, and where it is off. */
import { powerLaw, type PowerLaw } from '../statistics/fit.ts'
import { quantile } from '../statistics/quantile.ts'
import type { BlockId } from './block.ts'
import {
  inputAt,
  predictedBytes,
  predictedFlops,
  rooflineSeconds,
  type Measurement,
  type MeasuredPoint
} from './measurement.ts'
import { evaluate } from './view.ts'

export interface ComparedPoint {
  memory: BlockId
  x: number
  medianMs: number
  /** First and third quartile. */
  lowMs: number
  highMs: number
  n: number
  flops: number
  bytes: number
  flopsPerSecond: number
  bytesPerSecond: number
  /** FLOPs per byte. */
  intensity: number
  /** Best time that the peaks allow; null without peaks. */
  rooflineMs: number | null
  /** The prediction scaled by one factor per memory, its efficiency. */
  predictedMs: number
  /** measured / predicted. */
  off: number
  stateBytes: number
  predictedStateBytes: number
  peakBytes: number
}

export interface Agreement {
  memory: BlockId
  points: ComparedPoint[]
  /** Share of the roofline (of 1 FLOP/s without peaks) that this memory reaches: the median over its points. */
  efficiency: number
  /** time = factor x^exponent, and the same fit through the predicted FLOPs; null with fewer than two points. */
  measured: PowerLaw | null
  predicted: PowerLaw | null
  /** Neighbouring values of x where the prediction is more than 2 times off, in one direction. */
  regions: { from: number; to: number; slower: boolean; worst: number }[]
}

const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5
  )

/** One agreement per measured memory, in the order of the request. */
export function agreements(measurement: Measurement): Agreement[] {
  return measurement.request.memories.flatMap((memory) => {
    const points = measurement.points.filter((p) => p.memory === memory && p.timesMs.length > 0)
    return points.length ? [agreement(memory, points, measurement)] : []
  })
}

function agreement(memory: BlockId, measured: readonly MeasuredPoint[], { request, peaks }: Measurement): Agreement {
  const raw = measured
    .toSorted((a, b) => a.x - b.x)
    .map((point) => {
      const input = inputAt(request, memory, point.x)
      const times = point.timesMs.toSorted((a, b) => a - b)
      const medianMs = quantile(times, 0.5)
      const [flops, bytes] = [predictedFlops(memory, input), predictedBytes(memory, input)]
      const rooflineMs = peaks && 1000 * rooflineSeconds(memory, input, peaks)
      return {
        memory,
        x: point.x,
        medianMs,
        lowMs: quantile(times, 0.25),
        highMs: quantile(times, 0.75),
        n: times.length,
        flops,
        bytes,
        flopsPerSecond: (1000 * flops) / medianMs,
        bytesPerSecond: (1000 * bytes) / medianMs,
        intensity: flops / bytes,
        rooflineMs,
        idealMs: rooflineMs ?? 1000 * flops,
        stateBytes: point.stateBytes,
        predictedStateBytes: evaluate(memory, 'exact', 'state', input),
        peakBytes: point.peakBytes
      }
    })
  const efficiency = median(raw.map(({ idealMs, medianMs }) => idealMs / medianMs))
  const points = raw.map(({ idealMs, ...point }): ComparedPoint => {
    const predictedMs = idealMs / efficiency
    return { ...point, predictedMs, off: point.medianMs / predictedMs }
  })
  const fit = (ys: readonly number[]): PowerLaw | null =>
    points.length < 2
      ? null
      : powerLaw(
          points.map(({ x }) => x),
          ys
        )
  return {
    memory,
    points,
    efficiency,
    measured: fit(points.map(({ medianMs }) => medianMs)),
    predicted: fit(points.map(({ flops }) => flops)),
    regions: regionsOf(points)
  }
}

function regionsOf(points: readonly ComparedPoint[]): Agreement['regions'] {
  const regions: Agreement['regions'] = []
  let open: Agreement['regions'][number] | undefined
  for (const { x, off } of points) {
    const slower = off > 1
    const factor = slower ? off : 1 / off
    if (!(factor > 2)) open = undefined
    else if (open?.slower === slower) {
      open.to = x
      open.worst = Math.max(open.worst, factor)
    } else regions.push((open = { from: x, to: x, slower, worst: factor }))
  }
  return regions
}
