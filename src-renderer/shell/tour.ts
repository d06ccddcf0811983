/** The first-run tour: from an example to its result in five steps, on the user's own first run. */

export interface TourStep {
  title: string
  text: string
  /** The page it is about; `{run}` stands for the newest run. */
  address: string
}

export const tourSteps: readonly TourStep[] = [
  {
    title: 'Compose',
    text: 'An experiment is one task, the models it tests, what is swept, and seeds. Choose “Capacity of four memories”, look at what it will cost, and press Start.',
    address: '/compose'
  },
  {
    title: 'Run',
    text: 'Trials arrive as they are computed; a curve is a mean over seeds with its 95 % interval. A run can be paused, and goes on where it stopped.',
    address: '/run/{run}'
  },
  {
    title: 'Compare',
    text: 'The models beside each other: what is best, what cannot be told from it, and by which test. Every number opens into the trials behind it.',
    address: '/compare?runs={run}'
  },
  {
    title: 'History',
    text: 'Every run is kept here with where its numbers come from. Search by words, or write metric.accuracy > 0.9 and tag:thesis.',
    address: '/history'
  },
  {
    title: 'Models',
    text: 'Each model and task with its equations, its source and what it can and cannot recall. The ? key lists all shortcuts.',
    address: '/models'
  }
]

/** Where the tour is: not offered yet, at a step, or over. */
export type TourState = 'offer' | number | 'over'

export function readTour(remembered: unknown): TourState {
  if (typeof remembered === 'number' && Number.isInteger(remembered) && tourSteps[remembered]) return remembered
  return remembered === 'over' ? 'over' : 'offer'
}

/** The address of a step; without a run, steps about one lead to where it begins. */
export function addressOf(step: TourStep, run: string | undefined): string {
  if (!step.address.includes('{run}')) return step.address
  return run === undefined ? '/compose' : step.address.replace('{run}', run)
}
