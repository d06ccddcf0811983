/** `engram recall-fit`: the maximum likelihood of every subject's recalls, over all cores of this machine. */
import { Option, type Command } from 'commander'
import { likelihoodRatio, type LikelihoodRatio } from '../../../src-shared/recall/compare-fits.ts'
import type { FitAnswer, FitPart } from '../../../src-shared/recall/fit-parts.ts'
import { defaultFree, startParams, type FitSettings, type SubjectFit } from '../../../src-shared/recall/fit.ts'
import {
  likelihoodNames,
  readLikelihoodParams,
  sequencesOf,
  type LikelihoodName,
  type LikelihoodParams
} from '../../../src-shared/recall/likelihood.ts'
import { conditionNames, type Free } from '../../../src-shared/recall/objective.ts'
import type { SubjectProfile } from '../../../src-shared/recall/profile.ts'
import { recoveries, type Recovery } from '../../../src-shared/recall/recovered.ts'
import { searchMethods, type SearchMethod } from '../../../src-shared/recall/search-methods.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { parseJson } from '../../../src-shared/shapes/json.ts'
import { meanInterval, type Interval } from '../../../src-shared/statistics/interval.ts'
import { evenly, mean } from '../../../src-shared/statistics/numbers.ts'
import { fixed, numberText, plural, pValue } from '../../../src-shared/text/numbers.ts'
import { availableParallelism } from 'node:os'
import { startEngine } from '../../engine/process/launch.ts'
import { computeParts } from '../../places/fit-lanes.ts'
import { Here } from '../../places/here.ts'
import { outcome, print } from './outcome.ts'
import { readText } from './read.ts'
import { chooseLists } from '../../../src-shared/recall/analyse.ts'
import { readLists, type RecallReading } from './recall.ts'
import { table } from './text.ts'
import { whole } from './whole.ts'

export interface FitOptions extends RecallReading {
  length?: number
  free?: string
  params?: string
  byCondition?: string
  search: SearchMethod
  starts: number
  seed: number
  folds?: number
  recovery?: true
  profile?: string
  steps: number
  workers?: number
}

/** What `recall-fit --json` prints: resources/guide/recall-fit.md says what each field holds. */
export interface FitReport {
  file: string
  /** Items of the lists that were fitted. */
  length: number
  lists: number
  /** Lists of another length, left out. */
  otherLists: number
  workers: number
  seconds: number
  settings: FitSettings
  /** Summed over subjects; heldOut only with folds. */
  logLikelihood: number
  points: number
  aic: number
  bic: number
  heldOut: number | null
  /** Means over subjects with 95 % t intervals, of what was free. */
  params: Partial<Record<LikelihoodName, Interval>>
  subjects: SubjectFit[]
  /** The test of what is free by condition against the same fit without. */
  ratio: LikelihoodRatio | null
  /** Every subject simulated with its own parameters and fitted again. */
  recovery: Recovery[] | null
  profiles: SubjectProfile[] | null
}

const namesOf = (text: string, field: string): LikelihoodName[] =>
  text.split(',').map((part) => {
    const name = likelihoodNames.find((known) => known === part.trim())
    if (!name)
      throw new StudioError(
        'bad-input',
        `There is no parameter "${part.trim()}"; there are ${likelihoodNames.join(', ')}.`,
        { field }
      )
    return name
  })

/** Bounds of what is not free by default: as far as a value can sensibly go. */
const boundsOf = (name: LikelihoodName): Free<LikelihoodName> =>
  defaultFree.find((own) => own.name === name) ?? { name, min: 0, max: 10 }

/** @throws StudioError bad-file that names line and column, bad-input that names the option */
export async function fitFile(file: string, options: FitOptions): Promise<FitReport> {
  const settings = await settingsOf(options)
  const all = await readLists(file, {
    ...options,
    ...(options.length === undefined ? {} : { length: options.length })
  })
  const lists = chooseLists(all, { length: options.length }, file)
  const length = lists[0].items.length
  const { pool, subjects } = sequencesOf(lists)
  const conditions = conditionNames(subjects.flatMap((own) => own.lists))
  if (settings.byCondition && conditions.length < 2)
    throw new StudioError(
      'bad-input',
      'These lists are of one condition: the file has no column condition, or one value in it.',
      {
        file,
        field: 'by-condition'
      }
    )
  const [name] = options.profile === undefined ? [undefined] : namesOf(options.profile, 'profile')
  const bounds = settings.free.find((free) => free.name === name)
  if (name && (!bounds || settings.byCondition?.includes(name)))
    throw new StudioError('bad-input', `${name} is not one free value of each subject.`, { field: 'profile' })
  const workers = options.workers ?? availableParallelism()
  const place = new Here(
    startEngine,
    () => ({ workers, modelFolder: '', backend: 'cpu' }),
    () => undefined
  )
  try {
    await place.ready()
    const begin = performance.now()
    const fit = async (of: FitSettings, truths?: readonly SubjectFit[]) => {
      const parts = subjects.map((sequences, i) => ({
        kind: 'subject' as const,
        ...{ sequences, pool, settings: of },
        ...(truths && { truth: truths[i] })
      }))
      return (await answersTo(place, parts)).map((answer) => answer.fit)
    }
    const own = await fit(settings)
    const inner = settings.byCondition ? await fit({ ...settings, byCondition: undefined }) : undefined
    const again = options.recovery ? await fit({ ...settings, folds: undefined }, own) : undefined
    const values = bounds && evenly(bounds, options.steps)
    const profiled = values
      ? subjects.map((sequences, i) => ({
          kind: 'profile' as const,
          ...{ sequences, pool, fit: own[i], settings, name: bounds.name, values }
        }))
      : []
    const profiles = values && (await answersTo(place, profiled)).map(({ profile }) => profile)
    const seconds = (performance.now() - begin) / 1000
    const sum = (of: 'logLikelihood' | 'points' | 'aic' | 'bic'): number => own.reduce((s, one) => s + one[of], 0)
    const held = own.every(({ heldOut }) => heldOut !== undefined)
    return {
      file,
      length,
      lists: lists.length,
      otherLists: all.length - lists.length,
      workers,
      seconds,
      settings,
      logLikelihood: sum('logLikelihood'),
      points: sum('points'),
      aic: sum('aic'),
      bic: sum('bic'),
      heldOut: held ? own.reduce((s, one) => s + one.heldOut!, 0) : null,
      params: Object.fromEntries(
        settings.free.map(({ name }) => [name, meanInterval(own.map(({ params }) => params[name]))])
      ),
      subjects: own,
      ratio: inner ? likelihoodRatio(own, inner) : null,
      recovery: again
        ? recoveries(
            settings.free.map(({ name }) => name),
            again,
            settings.byCondition
          )
        : null,
      profiles: profiles ?? null
    }
  } finally {
    await place.stop()
  }
}

async function settingsOf({
  params,
  free,
  byCondition,
  search,
  starts,
  seed,
  folds
}: FitOptions): Promise<FitSettings> {
  const fixed: LikelihoodParams =
    params === undefined
      ? startParams
      : readLikelihoodParams(parseJson(await readText(params), { file: params }), params)
  const wanted = free === undefined ? defaultFree : namesOf(free, 'free').map(boundsOf)
  const own = byCondition === undefined ? undefined : namesOf(byCondition, 'by-condition')
  const held = own?.find((name) => !wanted.some((one) => one.name === name))
  if (held) throw new StudioError('bad-input', `${held} is not free.`, { field: 'by-condition' })
  return { free: wanted, fixed, method: search, starts, seed, folds, byCondition: own }
}

/** What each part found, in their order. */
async function answersTo<K extends FitPart['kind']>(
  place: Here,
  parts: readonly Extract<FitPart, { kind: K }>[]
): Promise<Extract<FitAnswer, { kind: K }>[]> {
  const found: Extract<FitAnswer, { kind: K }>[] = []
  await computeParts(place, parts, {
    check: () => undefined,
    answered: (answer, i) => (found[i] = answer as Extract<FitAnswer, { kind: K }>)
  })
  return found
}

/** As tables for a terminal. */
export function fitTable(report: FitReport): string {
  const { subjects, length, lists, otherLists, settings, params, ratio, recovery, profiles } = report
  const byCondition = settings.byCondition ?? []
  const ends = ({ low, high }: { low: number | null; high: number | null }): string[] =>
    [low, high].map((end) => (end === null ? '' : numberText(end)))
  const conditions = [...new Set(subjects.flatMap((own) => own.conditions?.map(({ condition }) => condition) ?? []))]
  return [
    `${plural(subjects.length, 'subject')}, ${plural(lists, 'list')} of ${length} items${otherLists ? `; ${plural(otherLists, 'list')} of other lengths left out (--length)` : ''}; ${fixed(report.seconds, 1)} s on ${plural(report.workers, 'core')}`,
    '',
    table(
      ['over subjects', 'sum'],
      [
        ['log-likelihood', fixed(report.logLikelihood, 2)],
        ['AIC', fixed(report.aic, 2)],
        ['BIC', fixed(report.bic, 2)],
        ['data points', String(report.points)],
        ...(report.heldOut === null ? [] : [['log-likelihood of held-out lists', fixed(report.heldOut, 2)]])
      ]
    ),
    '',
    table(
      ['parameter', 'mean', 'low 95 %', 'high 95 %', ...conditions.map((name) => name || '(no condition)')],
      Object.entries(params).map(([name, interval]) => [
        name,
        numberText(interval.mean),
        ...ends(interval),
        ...conditions.map((condition) =>
          byCondition.includes(name as LikelihoodName)
            ? numberText(
                mean(
                  subjects.flatMap((own) =>
                    (own.conditions ?? [])
                      .filter((one) => one.condition === condition)
                      .map((one) => one.params[name as LikelihoodName])
                  )
                )
              )
            : ''
        )
      ])
    ),
    ...(ratio
      ? [
          '',
          `By condition against shared: likelihood ratio chi² = ${fixed(ratio.statistic, 2)}, df = ${ratio.df}, p ${pValue(ratio.p)}`
        ]
      : []),
    ...(recovery
      ? [
          '',
          table(
            ['recovered', 'r', 'bias', 'RMSE'],
            recovery.map(({ name, r, bias, rmse }) => [
              name,
              r === undefined ? '' : numberText(r),
              numberText(bias),
              numberText(rmse)
            ])
          )
        ]
      : []),
    ...(profiles
      ? [
          '',
          table(
            ['subject', 'best', 'low 95 %', 'high 95 %'],
            profiles.map((own) => [own.subject, numberText(own.best.x), ...ends(own)])
          )
        ]
      : [])
  ].join('\n')
}

/** `engram recall-fit FILE`. */
export function recallFitCommand(command: Command): void {
  command
    .description('the maximum likelihood of every subject’s recalls under CMR with Luce’s rule, over all cores')
    .argument('<file>', 'a psifr-style CSV: columns subject, list, position, trial_type, item; condition, if there is')
    .option(
      '--free <names>',
      'parameters to fit: B_enc,T,...; by default B_enc, B_start, B_rec, Lfc, P1, P2, T, X1, X2'
    )
    .option('--params <file>', 'values of the others, and where the search begins, as JSON')
    .option('--by-condition <names>', 'free parameters that each condition has for itself; tested against shared ones')
    .addOption(
      new Option('--search <method>', 'Nelder and Mead’s simplex from several starts, or differential evolution')
        .choices(searchMethods)
        .default('simplex')
    )
    .option('--starts <n>', 'starts, or populations', whole(1, 100), 2)
    .option('--seed <s>', 'of the starts', whole(0, 2 ** 31), 1)
    .option('--folds <n>', 'predict each part of the lists without it', whole(2, 50))
    .option('--recovery', 'simulate every subject with its parameters, and fit that again')
    .option('--profile <name>', 'the profile of the likelihood for this parameter, with its 95 % interval')
    .option('--steps <n>', 'values of a profile', whole(3, 101), 21)
    .option('--length <n>', 'lists of this many items; by default those of which there are most', whole(1, 1000))
    .option('--columns <mapping>', 'which column is which: subject=participant,list=trial,...')
    .option('--items <file>', 'the presented items of a matrix of serial positions, one row a list')
    .option('--workers <n>', 'cores; all if left out', whole(1, 256))
    .addOption(new Option('--json', 'every subject as JSON; its fields are in resources/guide/recall-fit.md'))
    .action((file: string, options: FitOptions & { json?: true }) =>
      outcome(async () => {
        const report = await fitFile(file, options)
        await print(options.json ? JSON.stringify(report, null, 2) : fitTable(report))
      })
    )
}
