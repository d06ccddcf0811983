/** `engram fit DATA`: fit a model of free recall to data, as the page Free recall does. */
import { Option, type Command } from 'commander'
import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { errorOf, StudioError } from '../../../src-shared/shapes/errors.ts'
import { complaint } from '../../../src-shared/shapes/issues.ts'
import { parseJson } from '../../../src-shared/shapes/json.ts'
import { defaultFree, startParams } from '../../../src-shared/recall/fit.ts'
import { fitRequestSchema, type Fit, type FitRequest } from '../../../src-shared/recall/fit-request.ts'
import { fixed as decimals, plural } from '../../../src-shared/text/numbers.ts'
import { importFile } from './import.ts'
import { outcome, print } from './outcome.ts'
import { readText } from './read.ts'
import { withStudio, type Session } from './session.ts'
import { plain, table } from './text.ts'

interface Bounds {
  name: string
  min: number
  max: number
}

export interface FitOptions {
  data: string
  kind: FitRequest['kind']
  /** In place of the other options: a request as JSON, its data set left out. */
  request?: string
  free?: Bounds[]
  fix?: Record<string, number>
  starts: number
  seed: number
  folds?: number
  length?: number
  /** Of a fit to curves. */
  model?: string
  lists: number
  evaluations?: number
  /** Of a recovery: the fit whose parameters make the data. */
  of?: string
  columns?: string
}

/**
 * Fit and wait for the end.
 * @param source a data set's id or name in the data folder, or a file, which is taken in
 * @throws StudioError not-found, bad-file, bad-input that names the field; cancelled after Ctrl-C; what ended the fit
 */
export async function fitData(source: string, options: FitOptions): Promise<Fit> {
  const { columns, data } = options
  const taken = existsSync(source)
    ? ((await importFile(source, { data, ...(columns !== undefined && { columns }) })).json as { id?: string }).id
    : undefined
  return withStudio(data, 'change', async ({ ask }) => {
    const sets = await ask('recall.list', {})
    const found = sets.find(({ id }) => id === (taken ?? source)) ?? sets.find(({ name }) => name === source)
    if (!found) throw new StudioError('not-found', `There is no data set "${source}" in this data folder, and no file.`)
    const { id } = await ask('recall.startFit', await requestOf(found.id, options))
    return ended(ask, found.id, id)
  })
}

async function requestOf(dataset: string, options: FitOptions): Promise<FitRequest> {
  const json = options.request === undefined ? fromOptions(options) : parseJson(await readText(options.request))
  const read = fitRequestSchema.safeParse({ ...(json as object), dataset })
  if (read.success) return read.data
  const { message, field } = complaint(read.error, json)
  throw new StudioError('bad-input', message, {
    ...(field && { field }),
    ...(options.request && { file: options.request })
  })
}

function fromOptions({
  kind,
  free,
  fix,
  starts,
  seed,
  folds,
  length,
  model,
  lists,
  evaluations,
  of
}: FitOptions): object {
  const own = { kind, starts, seed, ...(length && { length }) }
  switch (kind) {
    case 'likelihood': {
      const chosen = free ?? defaultFree.filter(({ name }) => fix?.[name] === undefined)
      return { ...own, free: chosen, fixed: { ...startParams, ...fix }, ...(folds && { folds }) }
    }
    case 'recovery':
      return { kind, fit: of }
    case 'profile':
      return { kind, fit: of, name: free?.[0]?.name, steps: 21 }
    case 'statistics':
      return {
        ...own,
        model,
        params: fix ?? {},
        free,
        lists,
        evaluations: evaluations ?? 60 + 40 * (free?.length ?? 0)
      }
    case 'surface': {
      const [x, y] = (free ?? []).map((bounds) => ({ ...bounds, steps: 20 }))
      return { kind, ...(length && { length }), at: { ...startParams, ...fix }, x, y }
    }
  }
}

async function ended(ask: Session['ask'], dataset: string, id: string): Promise<Fit> {
  const cancel = (): void => {
    // A second Ctrl-C ends the process as it would without us.
    process.off('SIGINT', cancel)
    void ask('recall.cancelFit', { id })
  }
  process.on('SIGINT', cancel)
  try {
    for (;;) {
      const fit = (await ask('recall.fits', { id: dataset })).find((one) => one.id === id)!
      if (fit.status === 'done') return fit
      if (fit.status !== 'running')
        throw errorOf(fit.error ?? { code: 'cancelled', message: `The fit was ${fit.status}; what it had is kept.` })
      await wait(100)
    }
  } finally {
    process.off('SIGINT', cancel)
  }
}

export function fitText({ id, request, subjects, starts, surface }: Fit): string {
  const digits = (x: number): string => decimals(x, 4)
  const head = `fit ${id}: ${request.kind}`
  if (subjects.length) {
    const names = request.kind === 'likelihood' ? request.free.map(({ name }) => name) : Object.keys(subjects[0].params)
    const columns = [
      'subject',
      ...names,
      'log-likelihood',
      'AIC',
      'BIC',
      ...(subjects[0].heldOut === undefined ? [] : ['held out'])
    ]
    const rows = subjects.map(({ subject, params, logLikelihood, aic, bic, heldOut }) => [
      subject,
      ...names.map((name) => digits(params[name as keyof typeof params])),
      ...[logLikelihood, aic, bic, ...(heldOut === undefined ? [] : [heldOut])].map(digits)
    ])
    const sum = subjects.reduce((total, one) => total + one.logLikelihood, 0)
    return [
      head,
      table(columns, rows),
      `${plural(subjects.length, 'subject')}, log-likelihood ${digits(sum)} in all`
    ].join('\n')
  }
  if (starts.length) {
    const names = Object.keys(starts[0].params)
    const rows = starts.map(({ start, params, rmsd, evaluations }) => [
      String(start),
      ...names.map((name) => digits(params[name])),
      digits(rmsd),
      String(evaluations)
    ])
    return [head, table(['start', ...names, 'RMSD', 'evaluations'], rows)].join('\n')
  }
  return [head, ...surface.map((row) => row.map((value) => (value === null ? '-' : digits(value))).join('  '))].join(
    '\n'
  )
}

function bounds(text: string, before: Bounds[] | undefined): Bounds[] {
  const [, name, min, max] = /^(\w+)=([^:]+):([^:]+)$/.exec(text) ?? []
  if (name === undefined || !Number.isFinite(Number(min)) || !Number.isFinite(Number(max)))
    throw new StudioError('bad-input', `"${text}" is not NAME=MIN:MAX, as in B_enc=0.1:0.95.`, { field: 'free' })
  return [...(before ?? []), { name, min: Number(min), max: Number(max) }]
}

function value(text: string, before: Record<string, number> | undefined): Record<string, number> {
  const [, name, number] = /^(\w+)=(.+)$/.exec(text) ?? []
  if (name === undefined || !Number.isFinite(Number(number)))
    throw new StudioError('bad-input', `"${text}" is not NAME=VALUE, as in T=0.4.`, { field: 'fix' })
  return { ...before, [name]: Number(number) }
}

export function fitCommand(
  command: Command,
  data: Option,
  whole: (min: number, max: number) => (text: string) => number
): void {
  const kinds = fitRequestSchema.options.map((option) => option.shape.kind.value)
  command
    .description('fit a model of free recall to data: a data set in the data folder, or a file, which is taken in')
    .argument('<data>', 'a data set’s id or name, or a file')
    .addOption(data)
    .addOption(new Option('--kind <kind>', 'what is fitted').choices(kinds).default('likelihood'))
    .option(
      '--free <name=min:max>',
      'a parameter that is fitted; may be given again. The page’s own if left out',
      bounds
    )
    .option('--fix <name=value>', 'a parameter that is held; may be given again', value)
    .option('--starts <n>', 'searches from so many places', whole(1, 100), 2)
    .option('--seed <s>', 'of those places', whole(0, 2 ** 31), 1)
    .option('--folds <n>', 'also predict each part of a subject’s lists from the others', whole(2, 50))
    .option('--length <n>', 'lists of this many items; by default those of which there are most', whole(2, 500))
    .option('--model <id>', 'of a fit to curves (statistics): the model that is simulated')
    .option('--lists <n>', 'the same: simulated lists', whole(10, 2000), 60)
    .option('--evaluations <n>', 'the same: simulations of a search', whole(20, 5000))
    .option('--of <fit>', 'of a recovery: the fit whose parameters make the data')
    .option('--request <file>', 'all of it as JSON instead, as resources/guide/reference.md says')
    .option('--columns <mapping>', 'of a file: which column is which: subject=participant,...')
    .option('--json', 'the fit as JSON')
    .action((source: string, options: FitOptions & { json?: true }) =>
      outcome(async () => {
        const fit = await fitData(source, options)
        await print(options.json ? JSON.stringify(fit, null, 2) : fitText(fit).split('\n').map(plain).join('\n'))
      })
    )
}
