/** How deep a text nests as Markdown. */
import { z } from 'zod'

/** Quotes and lists inside each other on one line. */
export const deepestText = 100

const markers = /^(?:\s*(?:>|(?:[-*+]|\d{1,9}[.)])(?=\s)))+/

/** Whether a line opens more quotes and lists than that: no person means it, and a parser would exhaust its stack. */
export const nestsDeep = (text: string): boolean =>
  text.split('\n').some((line) => {
    const opened = markers.exec(line)?.[0]
    return opened !== undefined && (opened.match(/>|[-*+]|\d+/g)?.length ?? 0) > deepestText
  })

/** Text of a user that is read as Markdown. */
export const markdownSchema = z
  .string()
  .max(100_000)
  .refine((text) => !nestsDeep(text), `Quotes and lists may be nested at most ${deepestText} deep`)
