/**
 * Fits of free recall: how long 126 people with 9 parameters take over all cores, and which search reaches more likelihood
 * per second. A name that is given is a CSV of recalls; otherwise 126 people are simulated, with 28 lists of 16 words each.
 * Target: under 60 s on 2 cores.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fitFile } from '../../src-main/hosts/terminal/recall-fit.ts'
import { chooseLists } from '../../src-shared/recall/analyse.ts'
import { readRecall } from '../../src-shared/recall/data.ts'
import { climb, defaultFree, startParams } from '../../src-shared/recall/fit.ts'
import { drawSequence, sequencesOf, type LikelihoodParams } from '../../src-shared/recall/likelihood.ts'
import { Objective } from '../../src-shared/recall/objective.ts'
import { searchMethods } from '../../src-shared/recall/search-methods.ts'
import { mean } from '../../src-shared/statistics/numbers.ts'
import { seeded } from '../../src-shared/statistics/random.ts'
import type { BenchOptions } from './run.ts'

/** Seconds at which the likelihood that was reached is looked at. */
const moments = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
/** Who is searched for by both. */
const looked = 8

export async function bench({ quick, json, only }: BenchOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'engram-fit-'))
  try {
    const file = only[0] ?? join(folder, 'simulated.csv')
    if (only.length === 0) writeFileSync(file, simulated(quick ? 12 : 126))
    const [load] = loadavg()
    const whole = await fitFile(file, { search: 'simplex', starts: 2, seed: 1, steps: 21 })
    const after = loadavg()[0]
    const rates = race(file, quick ? 2 : looked)
    const result = {
      people: whole.subjects.length,
      lists: whole.lists,
      free: whole.settings.free.length,
      workers: whole.workers,
      seconds: Number(whole.seconds.toFixed(1)),
      logLikelihood: whole.logLikelihood,
      evaluations: whole.subjects.reduce((sum, own) => sum + own.evaluations, 0),
      loadBefore: load,
      loadAfter: after,
      cores: availableParallelism(),
      rates
    }
    if (json) {
      console.log(JSON.stringify(result))
      return
    }
    console.log(
      `${result.people} people, ${result.lists} lists, ${result.free} parameters: ${result.seconds} s on ${result.workers} workers, ${result.evaluations} evaluations, log L ${result.logLikelihood.toFixed(2)}; target 60 s on 2 cores`
    )
    console.log(`load of the machine ${load.toFixed(1)} before, ${after.toFixed(1)} after, ${result.cores} cores`)
    console.log(
      `log-likelihood short of the best that either search found, mean over ${rates.people} people, one core:`
    )
    console.table(rates.rows)
    console.table(rates.ends)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** How near each search has come to the best of both, by time. */
function race(file: string, people: number) {
  const lists = chooseLists(readRecall(readFileSync(file, 'utf8'), file), {})
  const { pool, subjects } = sequencesOf(lists)
  const some = subjects.slice(0, people)
  const traces = searchMethods.map((method) => ({
    method,
    each: some.map((own) => {
      const objective = new Objective(own.lists, pool, { free: defaultFree, fixed: startParams })
      const trace: { at: number; best: number }[] = []
      let best = -Infinity
      const begin = performance.now()
      const watched = {
        bounds: objective.bounds,
        at(x: readonly number[]): number {
          const value = objective.at(x)
          if (value > best) trace.push({ at: (performance.now() - begin) / 1000, best: (best = value) })
          return value
        }
      }
      const { evaluations } = climb(watched, objective.from(startParams), {
        method,
        starts: method === 'simplex' ? 2 : 1,
        seed: 1
      })
      return { trace, best, evaluations, seconds: (performance.now() - begin) / 1000 }
    })
  }))
  const bests = some.map((_, i) => Math.max(...traces.map(({ each }) => each[i].best)))
  const short = (method: (typeof traces)[number], moment: number): number =>
    mean(
      method.each.map(({ trace }, i) => bests[i] - (trace.findLast(({ at }) => at <= moment)?.best ?? trace[0].best))
    )
  return {
    people: some.length,
    rows: moments.map((moment) => ({
      seconds: moment,
      ...Object.fromEntries(traces.map((one) => [one.method, Number(short(one, moment).toFixed(3))]))
    })),
    ends: traces.map(({ method, each }) => ({
      method,
      seconds: Number(mean(each.map(({ seconds }) => seconds)).toFixed(3)),
      evaluations: Math.round(mean(each.map(({ evaluations }) => evaluations))),
      short: Number(mean(each.map(({ best }, i) => bests[i] - best)).toFixed(4)),
      'worst short': Number(Math.max(...each.map(({ best }, i) => bests[i] - best)).toFixed(4))
    }))
  }
}

function simulated(people: number): string {
  const uniform = seeded(126)
  const [lists, items] = [28, 16]
  const near = (value: number, spread: number): number => value + spread * (2 * uniform() - 1)
  const rows = ['subject,list,position,trial_type,item']
  for (let subject = 1; subject <= people; subject++) {
    const p: LikelihoodParams = {
      ...startParams,
      B_enc: near(0.6, 0.2),
      B_rec: near(0.7, 0.2),
      P1: near(4, 3),
      T: near(0.4, 0.2),
      X1: near(0.015, 0.01)
    }
    for (let list = 1; list <= lists; list++) {
      const words = Array.from({ length: items }, (_, i) => `w${(list - 1) * items + i}`)
      words.forEach((word, i) => rows.push([subject, list, i + 1, 'study', word].join(',')))
      drawSequence(items, lists * items, p, uniform).forEach((item, i) =>
        rows.push([subject, list, i + 1, 'recall', words[item]].join(','))
      )
    }
  }
  return rows.join('\n')
}
