/**
 * Who may use the loopback server: whoever holds the link printed in the terminal. The link's token works once and is
 * exchanged for the session's secret, which the page keeps in its tab's storage and shows in each socket's first message.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { helloSchema } from '../../../src-shared/contract/session.ts'

const bytes = 32

export interface Gate {
  /** A fresh link token (256 bits); the one before stops working. */
  newToken(): string
  /** The session's secret for a first message that shows it or spends a token; undefined for every other. */
  admit(hello: unknown): string | undefined
}

export function createGate(): Gate {
  const session = randomBytes(bytes).toString('base64url')
  let token: string | undefined
  return {
    newToken: () => (token = randomBytes(bytes).toString('base64url')),
    admit(hello) {
      const given = helloSchema.safeParse(hello).data
      if (!given) return undefined
      if ('session' in given) return same(given.session, session) ? session : undefined
      if (token === undefined || !same(given.token, token)) return undefined
      token = undefined
      return session
    }
  }
}

/** Equality in a time that does not depend on where two texts differ. */
function same(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)]
  return a.length === b.length && timingSafeEqual(a, b)
}
