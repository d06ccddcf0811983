/**
 * A task's protocol drawn as data: phases in time order, each with the boxes it handles. It holds words and symbols only,
 * `_` before what is set below (`k_1`, `x_{i+1}`); how it looks is the renderer's.
 */
import { z } from 'zod'

/** draw: data is made; study: the memory is written; train: weights are fitted; delay; cue: it is asked; judge: scored. */
export const phaseKinds = ['draw', 'study', 'train', 'delay', 'cue', 'judge'] as const

const text = z.string().trim().min(1).max(60)
/** One box, or several with an arrow from one to the next: `['k_1', 'v_1']`. A row of dots alone has no box. */
const boxes = z.union([text, z.array(text).min(2).max(6).readonly()])
const row = z.union([
  boxes,
  /** Boxes that belong together, and as what. */
  z.strictObject({ group: text, rows: z.array(boxes).min(1).max(4).readonly() }),
  /** Words without a box. */
  z.strictObject({ note: z.string().trim().min(1).max(90) })
])
const phase = z.strictObject({
  kind: z.enum(phaseKinds),
  title: z.string().trim().min(1).max(24),
  /** How often this phase alone is gone through: `× writes`. */
  times: z.string().trim().min(1).max(24).optional(),
  rows: z.array(row).min(1).max(7).readonly()
})
/** Phases that are gone through more than once together, and for what. */
const repeated = z.strictObject({ repeat: text, phases: z.array(phase).min(1).max(5).readonly() })

export const diagramSchema = z
  .array(z.union([phase, repeated]))
  .max(8)
  .readonly()

export type Diagram = z.infer<typeof diagramSchema>
export type DiagramStep = Diagram[number]
export type DiagramPhase = z.infer<typeof phase>
export type DiagramRow = z.infer<typeof row>

export interface Piece {
  text: string
  /** Set below the line. */
  below: boolean
}

/** `k_{i+1} → v` as pieces: k, i+1 below, → v. */
export function pieces(written: string): Piece[] {
  const found: Piece[] = []
  let rest = 0
  for (const match of written.matchAll(/_(?:\{([^}]*)\}|([\p{L}\p{N}]))/gu)) {
    if (match.index > rest) found.push({ text: written.slice(rest, match.index), below: false })
    found.push({ text: match[1] ?? match[2], below: true })
    rest = match.index + match[0].length
  }
  if (rest < written.length) found.push({ text: written.slice(rest), below: false })
  return found
}

const said = (written: string): string =>
  pieces(written)
    .map((piece) => piece.text)
    .join('')

/** A row of dots stands for what is left out, and has no box. */
export const isDots = (written: string): boolean => /^[⋮…]$/.test(written)

/** The diagram in words, for those who do not see it. */
export function diagramText(diagram: Diagram): string {
  const boxesText = (row: string | readonly string[]): string =>
    typeof row === 'string' ? (isDots(row) ? 'and so on' : said(row)) : row.map(said).join(' → ')
  const rowText = (row: DiagramRow): string => {
    if (typeof row === 'string' || !('note' in row || 'group' in row)) return boxesText(row)
    return 'note' in row ? `(${said(row.note)})` : `${said(row.group)}: ${row.rows.map(boxesText).join(', ')}`
  }
  const phaseText = ({ title, times, rows }: DiagramPhase): string =>
    `${title}${times ? ` ${said(times)}` : ''}: ${rows.map(rowText).join(', ')}`
  return diagram
    .map((step) =>
      'repeat' in step ? `${said(step.repeat)} [${step.phases.map(phaseText).join('; ')}]` : phaseText(step)
    )
    .join('; ')
}
