/** The parts of a fit that one worker computes: a subject, a row of a surface, one start of a fit to group curves. */
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { differentialEvolution } from '../../../src-shared/statistics/differential-evolution.ts'
import { nelderMead } from '../../../src-shared/statistics/nelder-mead.ts'
import type { RecallList } from '../../../src-shared/recall/data.ts'
import type { RecallCurves, StartFit } from '../../../src-shared/recall/fit-request.ts'
import { fitSubject, simulateSubject } from '../../../src-shared/recall/fit.ts'
import { ListsLikelihood } from '../../../src-shared/recall/likelihood.ts'
import { profileSubject } from '../../../src-shared/recall/profile.ts'
import { subjectStatistics } from '../../../src-shared/recall/statistics.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'
import { drawsFor, RecallPhase } from '../../models/parts/recall/phase.ts'
import { PhiloxStream } from '../../tensors/random/philox.ts'
import type { FitAnswer, FitPart } from '../../../src-shared/recall/fit-parts.ts'
import type { Registry } from './registry.ts'

/** @throws StudioError bad-input for a parameter that the model does not have */
export function computePart(part: FitPart, registry: Registry): FitAnswer {
  switch (part.kind) {
    case 'subject': {
      const { sequences, pool, settings, truth } = part
      const data = truth ? simulateSubject(sequences, pool, truth, settings.seed) : sequences
      return {
        kind: 'subject',
        fit: {
          ...fitSubject(data, pool, settings),
          ...(truth && { truth: truth.params, ...(truth.conditions && { truths: truth.conditions }) })
        }
      }
    }
    case 'profile': {
      const { sequences, pool, fit, settings, name, values } = part
      return { kind: 'profile', profile: profileSubject(sequences, pool, fit, settings, name, values) }
    }
    case 'row': {
      const lists = new ListsLikelihood(part.lists, part.pool)
      return { kind: 'row', values: part.values.map((x) => lists.at({ ...part.at, [part.x]: x })) }
    }
    case 'start':
      return { kind: 'start', fit: fitCurves(part, registry) }
  }
}

const seconds = 90
/** Words as alike as in the published simulations. */
const [similarityMean, similaritySpread] = [0.06, 0.1]

/**
 * One start of a least-squares fit. Every evaluation simulates the same lists with the same random numbers, so that two
 * sets of parameters differ by nothing but themselves.
 */
function fitCurves(part: Extract<FitPart, { kind: 'start' }>, registry: Registry): StartFit {
  const { free, target, seed, start, evaluations, method } = part
  const declared = registry.model(part.model).params
  for (const { name } of free) {
    const param = Object.hasOwn(declared, name) ? declared[name] : undefined
    if (param?.type !== 'number')
      throw new StudioError('bad-input', `${registry.model(part.model).title} has no number "${name}" to fit.`, {
        field: name
      })
  }
  const simulate = simulator(part, registry)
  const named = (x: readonly number[]): Record<string, number> =>
    Object.fromEntries(free.map(({ name }, i) => [name, x[i]]))
  const uniform = seeded(seed + start)
  const base = registry.fill(part.model, part.params)
  const from = free.map(({ name, min, max }) =>
    start === 0 ? Math.min(max, Math.max(min, base[name] as number)) : min + (max - min) * uniform()
  )
  const apart = (x: number[]): number => distance(simulate(named(x)), target)
  const options = { evaluations, tolerance: 1e-5 }
  const best =
    method === 'evolution'
      ? differentialEvolution(apart, free, { ...options, uniform, start: from, members: 5 })
      : nelderMead(apart, from, free, options)
  const params = named(best.x)
  return { start, params, rmsd: Math.sqrt(best.value), evaluations: best.evaluations, curves: simulate(params) }
}

function simulator(
  { model, params, items, lists, seed }: Extract<FitPart, { kind: 'start' }>,
  registry: Registry
): (free: Record<string, number>) => RecallCurves {
  const order = Array.from({ length: items }, (_, i) => i)
  const names = order.map((i) => `w${i}`)
  const words = new PhiloxStream(String(seed), 'similarity')
  const similarity = Array.from({ length: lists }, () => {
    const out = new Float64Array(items * items)
    for (let i = 0; i < items; i++)
      for (let j = 0; j < i; j++)
        out[i * items + j] = out[j * items + i] = similarityMean + similaritySpread * words.normal()
    return out
  })
  let noise: Float32Array[] | undefined
  return (free) => {
    const filled = registry.fill(model, { ...params, ...free })
    const simulated = similarity.map((alike, l): RecallList => {
      const subject = registry.simulate(model, filled, { pool: items, distractors: 0, sources: 1, similarity: alike })
      noise ??= drawNoise(drawsFor(subject.decision, items, seconds), lists, seed)
      const phase = new RecallPhase(subject.decision, items, seconds, noise[l])
      subject.study(
        order,
        order.map(() => 0)
      )
      for (let item = phase.next(subject.activation()); item >= 0; item = phase.next(subject.activation()))
        subject.recalled(item)
      return { subject: 'simulated', list: String(l), items: names, recalls: phase.recalls.map((i) => names[i]) }
    })
    const [{ spc, pnr, lagCrp }] = subjectStatistics(simulated, { outputs: 1 })
    return { spc, pfr: pnr[0], lagCrp }
  }
}

function drawNoise({ kind, size }: ReturnType<typeof drawsFor>, lists: number, seed: number): Float32Array[] {
  return Array.from({ length: lists }, (_, l) => {
    const stream = new PhiloxStream(String(seed), `recall ${l}`)
    return Float32Array.from({ length: size }, () => (kind === 'normal' ? stream.normal() : stream.uniform()))
  })
}

/** Lags that weigh in a fit: nearer ones have most of the data. */
const farthestLag = 5

/** Mean squared difference over the points of the three curves that both have. */
export function distance(a: RecallCurves, b: RecallCurves): number {
  let [sum, count] = [0, 0]
  const add = (x: number | null | undefined, y: number | null | undefined): void => {
    if (typeof x !== 'number' || typeof y !== 'number') return
    sum += (x - y) ** 2
    count++
  }
  for (const name of ['spc', 'pfr'] as const) a[name].forEach((x, i) => add(x, b[name][i]))
  const middle = (a.lagCrp.length - 1) / 2
  a.lagCrp.forEach((x, i) => Math.abs(i - middle) <= farthestLag && add(x, b.lagCrp[i]))
  return count ? sum / count : Infinity
}
