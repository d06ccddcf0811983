/** The look of every model on the screen: the shared one, in the theme in force. */
import type { SeriesStyle } from '../../src-shared/figures/spec.ts'
import { styleIn } from '../../src-shared/figures/model-style.ts'
import { catalog } from '../state/catalog.svelte.ts'
import { theme } from '../state/theme.svelte.ts'

/** The look that charts on the screen and figures in a report share. */
export type ModelStyle = SeriesStyle

/** The look of a model of an experiment, by its label and id, in the theme in force. */
export function styleOf(label: string, model: string): ModelStyle {
  return styleIn(catalog.models, label, model, theme.dark)
}
