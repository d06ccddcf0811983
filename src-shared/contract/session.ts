/**
 * How a browser page is let in: the first message on its socket is one of these, and the answer is the session that it
 * keeps in its tab. Nothing here is a cookie: cookies know no port, and every server of this machine would be sent them.
 */
import { z } from 'zod'

const secret = z.string().min(1).max(200)

/** What a page knows: the token of the link that it was opened with, or the session that it was given for one. */
export const helloSchema = z.union([z.strictObject({ token: secret }), z.strictObject({ session: secret })])
export type Hello = z.infer<typeof helloSchema>

export interface Welcome {
  session: string
}

/** The socket's close code for a page that is not let in: trying again is of no use. */
export const notAdmittedCode = 4401
