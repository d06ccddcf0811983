/**
 * The protocol of a task as a small diagram: phases in time order, each a box with a title and a few lines, an arrow from
 * each to the next, and a frame around those that are repeated. It is data: a task states it beside its protocol, one
 * component draws it everywhere.
 *
 *   diagram: [
 *     { kind: 'study', title: 'Study', lines: ['k₁ → v₁', 'k₂ → v₂', '… N pairs'] },
 *     { kind: 'delay', title: 'Delay', lines: ['distractors'] },
 *     { kind: 'cue', title: 'Cue', lines: ['k̃ᵢ → rᵢ'] },
 *     { kind: 'judge', title: 'Judge', lines: ['nearest value = vᵢ ?'] }
 *   ]
 *
 * Symbols are plain text: k key, v value, c context, r what was retrieved, x̃ a noisy or partial x.
 */

/** draw: what is made from the seed; cue: what the memory is asked and gives back; judge: what is measured. */
export type PhaseKind = 'draw' | 'study' | 'train' | 'delay' | 'cue' | 'judge'

export interface Phase {
  kind: PhaseKind
  /** One to three words. */
  title: string
  /** What happens, in symbols or a few words a line. */
  lines: readonly string[]
}

export interface Loop {
  /** What the phases are gone through for: `each list`. */
  repeat: string
  phases: readonly Phase[]
}

/** The last phase judges. */
export type Diagram = readonly (Phase | Loop)[]

/** What fits on a card; lengths in characters. */
export const diagramLimits = { phases: [2, 6], lines: [1, 4], title: 18, line: 27, repeat: 27 } as const

export const phasesOf = (diagram: Diagram): Phase[] =>
  diagram.flatMap((step): readonly Phase[] => ('repeat' in step ? step.phases : [step]))

/** The diagram in words, for those who do not see it: `Study: k₁ → v₁, … N pairs. For each list: Cue: ...` */
export function diagramText(diagram: Diagram): string {
  const said = ({ title, lines }: Phase): string => `${title}: ${lines.join(', ')}.`
  return diagram
    .map((step) => ('repeat' in step ? `For ${step.repeat}: ${step.phases.map(said).join(' ')}` : said(step)))
    .join(' ')
}
