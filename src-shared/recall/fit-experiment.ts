/** A fit as an experiment: its model with the fitted parameters, on lists as long as those that were fitted. */
import { experimentFormat, experimentSchema, type Experiment } from '../shapes/experiment.ts'
import { mean } from '../statistics/numbers.ts'
import type { Fit } from './fit-request.ts'
import { likelihoodNames } from './likelihood.ts'

/** The model of the catalog that the likelihood fits. */
export const likelihoodModelId = 'cmr-luce'

/**
 * @param length of the lists that were fitted
 * @returns undefined for a fit that has no model to run: a surface, a recovery, or one without a result
 */
export function fitExperiment(
  { request, subjects, starts }: Fit,
  length: number,
  dataset: string
): Experiment | undefined {
  const about = (name: string, text: string, model: object): Experiment =>
    experimentSchema.parse({
      format: experimentFormat,
      name: `${name}, fitted to ${dataset}`.slice(0, 200),
      description: text,
      task: {
        kind: 'free-recall',
        params: { items: length, ...(request.kind === 'likelihood' && { words: 'unrelated' }) }
      },
      models: [model],
      seeds: { first: 0, count: 10 }
    })
  if (request.kind === 'likelihood' && subjects.length) {
    const params = Object.fromEntries(
      likelihoodNames.map((name) => [name, mean(subjects.map((own) => own.params[name]))])
    )
    return about(
      'CMR',
      `The means of the parameters of ${subjects.length} subjects, each fitted by maximum likelihood.`,
      { kind: likelihoodModelId, label: 'CMR, fitted', params }
    )
  }
  if (request.kind === 'statistics' && starts.length)
    return about(request.model, 'The best start of a least-squares fit to the curves of the group.', {
      kind: request.model,
      label: `${request.model}, fitted`,
      params: { ...request.params, ...starts[0].params }
    })
  return undefined
}
