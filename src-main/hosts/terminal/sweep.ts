/** A W&B sweep file at the terminal: the experiment that it becomes. */
import { experimentOfWandb, importWandb, type Imported } from '../../../src-shared/exchange/wandb.ts'
import { parseExperiment } from '../../../src-shared/shapes/experiment.ts'
import { readText } from './read.ts'

/**
 * @param base the experiment whose task and models are swept; the first that have the parameters if left out
 * @throws StudioError bad-file that names the parameter
 */
export async function sweepExperiment(file: string, base?: string): Promise<Imported> {
  // Only a sweep needs the models; they are slow to load.
  const { builtInRegistry } = await import('../../engine/worker/registry.ts')
  const text = await readText(file)
  const catalog = builtInRegistry().catalog()
  return base === undefined
    ? experimentOfWandb(text, catalog, file)
    : importWandb(text, parseExperiment(await readText(base), base), catalog, file)
}
