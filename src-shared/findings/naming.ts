/** What the models of one or more runs are called beside each other. */

interface Named {
  id: string
  name: string
  labels: readonly string[]
}

/**
 * A label per model and run: the model's own where only one of the runs has it, so that it keeps its look; otherwise
 * with the run's name, and with the end of its id where two runs have the same name.
 */
export function labelsOf(runs: readonly Named[]): (result: { runId: string; label: string }) => string {
  const byId = new Map(runs.map((run) => [run.id, run]))
  const withModel = new Map<string, number>()
  const withName = new Map<string, number>()
  for (const run of runs) {
    withName.set(run.name, (withName.get(run.name) ?? 0) + 1)
    for (const model of new Set(run.labels)) withModel.set(model, (withModel.get(model) ?? 0) + 1)
  }
  return ({ runId, label }) => {
    const run = byId.get(runId)
    if (!run || (withModel.get(label) ?? 0) < 2) return label
    return `${label} · ${run.name}${withName.get(run.name)! > 1 ? ` (${run.id.slice(-4)})` : ''}`
  }
}

/** Names in a sentence are at most this many; the others are counted. */
const mostNames = 4

/** `A`, `A and B`, `A, B, C and 7 others`. */
export function listText(names: readonly string[]): string {
  const rest = names.length - mostNames + 1
  const shown = names.length > mostNames ? [...names.slice(0, mostNames - 1), `${rest} others`] : names
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)!}`
}
