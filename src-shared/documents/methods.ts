/** What a paper says about how its numbers were made, filled in from the runs' own provenance. */
import { type Catalog, modelIn, taskIn, type TaskInfo } from '../shapes/catalog.ts'
import { seedsText } from '../text/seeds.ts'
import type { CellResult, Run } from '../shapes/run.ts'
import { axisValues } from '../grid/expand.ts'
import { defaultPoints, seedList, seedsOf, type Axis, type Tuning } from '../shapes/experiment.ts'
import { bytes, numberText, plural, valueText } from '../text/numbers.ts'
import { duration } from '../text/times.ts'
import { intervalsSaid } from '../findings/scales.ts'
import { testMethod } from './pivot.ts'

export interface ChecklistItem {
  item: string
  /** Which checklists ask for it. */
  venues: readonly ('ACL' | 'NeurIPS')[]
  /** null where only the authors can answer. */
  answer: string | null
}

export interface MethodsInput {
  runs: readonly { run: Run }[]
  cells: readonly CellResult[]
  catalog: Catalog
}

const list = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
const unique = <T>(values: Iterable<T>): T[] => [...new Set(values)]

const seedText = (seeds: readonly number[]): string => `${seeds.length === 1 ? 'seed' : 'seeds'} ${seedsText(seeds)}`

function axisText(axis: Axis): string {
  const values = axisValues(axis)
  const shown = values.length > 12 ? [...values.slice(0, 11), '...', values.at(-1)] : values
  return `${axis.param} (${shown.map((v) => (typeof v === 'number' ? valueText(v) : v)).join(', ')})`
}

function hardware(run: Run): string {
  const p = run.provenance
  return `${p.cpu} (${plural(p.cores, 'core')}, ${bytes(p.memoryBytes)} memory), ${p.os}; backend ${p.backend || 'none'}${p.adapter ? ` (${p.adapter})` : ''}`
}

const modelText = (run: Run, catalog: Catalog): string[] =>
  run.experiment.models.map((use, i) => {
    const info = modelIn(catalog, use.kind)
    const label = run.labels[i] ?? use.kind
    return info ? `${label} (${info.title}; ${info.source})` : label
  })

/** One paragraph for each run: task, models, grid, seeds, statistics, machine. Plain text. */
export function methodsText({ runs, catalog }: MethodsInput): string[] {
  return runs.map(({ run }) => {
    const { experiment, provenance: p } = run
    const task = taskIn(catalog, run.task)
    const seeds = seedsOf(experiment)
    const left = run.trials - run.done - run.diverged - run.failed
    const lost = [
      run.diverged && `${run.diverged} diverged`,
      run.failed && `${run.failed} failed`,
      left > 0 && `${left} were not run`
    ].filter(Boolean) as string[]
    const sentences = [
      `Experiment "${run.name}" tested ${list(modelText(run, catalog))} on the task ${task ? `${task.title} (${task.source})` : run.task}.`,
      task?.summary ?? '',
      experiment.sweep.length ? `The grid varied ${list(experiment.sweep.map(axisText))}.` : 'No parameter was varied.',
      tuningSaid(run, task),
      `Every condition was repeated with ${plural(seeds.length, 'seed')} (${seedText(seeds)}), ${plural(run.trials, 'trial')} in all${lost.length ? `; ${list(lost)} and none of these entered a mean` : ', all of which finished'}.`,
      experiment.generator === 'philox'
        ? 'Random numbers came from the counter-based generator Philox, keyed by each trial’s own identity; at a seed all models met the same data, so models are compared in pairs.'
        : 'Random numbers came from PyTorch’s CPU generator (Mersenne Twister), seeded per trial.',
      `Means are given with ${intervalsSaid(task?.metrics ?? [])}.`,
      `${testMethod}.`,
      ...(task?.derived ?? []).map(
        (d) =>
          `${d.label}: where the mean of ${d.metric} falls through ${d.threshold} along ${d.axis}, interpolated on a ${d.scale} scale, with a 95 % percentile bootstrap over seeds.`
      ),
      foreseen(experiment.predictions?.length ?? 0),
      `Computed with Engram Studio ${p.version} (commit ${p.commit}) on ${hardware(run)}; ${['Node ' + p.node, ...Object.entries(p.libraries).map(([name, v]) => `${name} ${v}`)].join(', ')}.`,
      `Experiment hash ${p.experimentHash.slice(0, 16)}.`
    ]
    return sentences.filter(Boolean).join(' ')
  })
}

/** What was tuned, on which seeds, with what budget; nothing where nothing was. */
function tuningSaid({ experiment: { tuning, models } }: Run, task: TaskInfo | undefined): string {
  if (!tuning) return ''
  const seeds = seedList(tuning.seeds)
  const metric = tuning.metric ?? task?.mainMetric
  const label = task?.metrics.find(({ name }) => name === metric)?.label ?? metric
  const budget = models.length === 1 ? 'it then ran' : 'every model tried as many points, and then ran'
  const searched = tuning.tuner === 'optuna' ? `, searched by Optuna (${searchSaid(tuning)})` : ''
  return `Before, ${list(tuning.params.map((axis) => axisText(axis)))} ${tuning.params.length === 1 ? 'was' : 'were'} tuned for each model at each condition by the mean ${label} over ${plural(seeds.length, 'seed')} of its own (${seedText(seeds)}${tuning.steps === undefined ? '' : `, ${plural(tuning.steps, 'training step')}`})${searched}: ${budget} with the best alone; these trials enter no result.`
}

/** How Optuna searched: between the values that are named, in so many points. */
function searchSaid({ sampler = 'default', points = defaultPoints }: Tuning): string {
  const name = { default: 'its default sampler', tpe: 'TPE', 'cma-es': 'CMA-ES' }[sampler]
  return `${name}, ${plural(points, 'point')} between these values`
}

const foreseen = (predictions: number): string =>
  predictions
    ? `${plural(predictions, 'prediction')} ${predictions === 1 ? 'was' : 'were'} registered before the run; everything else it found is exploratory.`
    : 'No prediction was registered before the run: what it found is exploratory.'

/** The items of the ACL and NeurIPS checklists on experiments: those the provenance answers, and those it cannot. */
export function checklist({ runs, cells, catalog }: MethodsInput): ChecklistItem[] {
  const all = runs.map(({ run }) => run)
  const per = (text: (run: Run) => string): string =>
    all.length === 1 ? text(all[0]) : all.map((run) => `${run.name}: ${text(run)}`).join(' ')
  const tasks = unique(all.map((run) => run.task)).flatMap((id) => taskIn(catalog, id) ?? [])
  const times = cells.flatMap((cell) => cell.elapsedMs.filter((ms) => ms !== null))
  const mean = times.length ? times.reduce((a, b) => a + b, 0) / times.length : undefined
  const both = ['ACL', 'NeurIPS'] as const
  return [
    {
      item: 'Description of models and algorithms',
      venues: both,
      answer: per((run) => `${list(modelText(run, catalog))}.`)
    },
    {
      item: 'Data: how it is made, its sizes',
      venues: both,
      answer: tasks.length ? tasks.map((t) => `${t.title}: ${t.protocol.join(' ')}`).join(' ') : null
    },
    {
      item: 'Evaluation metrics, defined',
      venues: both,
      answer: tasks.length ? tasks.flatMap((t) => t.metrics.map((m) => `${m.label}: ${m.help}`)).join(' ') : null
    },
    {
      item: 'Hyperparameters and their bounds',
      venues: both,
      answer: per((run) =>
        run.experiment.sweep.length
          ? `Swept: ${list(run.experiment.sweep.map(axisText))}; every other value is in the experiment file.`
          : 'None was swept; every value is in the experiment file.'
      )
    },
    {
      item: 'How hyperparameters were chosen, and on what data',
      venues: both,
      answer: all.every((run) => run.experiment.tuning)
        ? per((run) => tuningSaid(run, taskIn(catalog, run.task)))
        : null
    },
    {
      item: 'Number of runs and seeds',
      venues: both,
      answer: per(
        (run) =>
          `${plural(run.trials, 'trial')} over ${plural(run.seeds, 'seed')} (${seedText(seedsOf(run.experiment))}).`
      )
    },
    {
      item: 'Central tendency, variation and error bars',
      venues: both,
      answer: `Mean and ${intervalsSaid(tasks.flatMap(({ metrics }) => metrics))}, with n, in every table and figure.`
    },
    { item: 'Statistical significance', venues: ['NeurIPS'], answer: `${testMethod}.` },
    {
      item: 'Results left out',
      venues: both,
      answer: per((run) => `${run.diverged} diverged, ${run.failed} failed; none averaged in.`)
    },
    { item: 'Computing infrastructure', venues: both, answer: per((run) => `${hardware(run)}.`) },
    {
      item: 'Run time',
      venues: both,
      answer:
        mean === undefined
          ? null
          : `${numberText(mean)} ms of compute per trial on average; ${per((run) => `${duration(run.elapsedMs)} in all.`)}`
    },
    { item: 'Number of parameters of each model', venues: ['ACL'], answer: null },
    { item: 'Energy used', venues: ['ACL'], answer: null },
    {
      item: 'Software and exact version',
      venues: both,
      answer: per(
        ({ provenance: p }) =>
          `Engram Studio ${p.version}, commit ${p.commit}${p.commit.endsWith('+changes') ? ' (with uncommitted changes: commit them before publishing)' : ''}.`
      )
    },
    { item: 'Link to code and data, with licence', venues: both, answer: null },
    { item: 'Claims match the results', venues: ['NeurIPS'], answer: null },
    { item: 'Limitations', venues: ['NeurIPS'], answer: null },
    { item: 'Assumptions and proofs of theoretical results', venues: ['NeurIPS'], answer: null },
    { item: 'Ethics, broader impact and safeguards', venues: ['NeurIPS'], answer: null },
    { item: 'Licences of assets used', venues: ['NeurIPS'], answer: null },
    { item: 'Human participants', venues: ['NeurIPS'], answer: null },
    { item: 'Use of language models in the research', venues: ['NeurIPS'], answer: null }
  ]
}
