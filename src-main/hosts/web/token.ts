/**
 * Who may use the loopback server: whoever holds the link printed in the terminal. The link's token works once and is
 * exchanged for a cookie that no script and no other site can use.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'

const bytes = 32

export interface Gate {
  /** A fresh link token (256 bits); the one before stops working. */
  newToken(): string
  /** Spend a token. Right: the cookie's header value. Wrong or used: undefined. */
  exchange(token: string): string | undefined
  /** Whether a Cookie header carries this session. */
  admits(cookieHeader: string | undefined): boolean
}

/** @param name the cookie's name: cookies are shared between ports, so each server has its own */
export function createGate(name: string): Gate {
  const session = randomBytes(bytes).toString('base64url')
  let token: string | undefined
  return {
    newToken: () => (token = randomBytes(bytes).toString('base64url')),
    exchange(given) {
      if (token === undefined || !same(given, token)) return undefined
      token = undefined
      return `${name}=${session}; HttpOnly; SameSite=Strict; Path=/`
    },
    admits: (header) =>
      (header ?? '').split(';').some((pair) => {
        const [key, value] = pair.trim().split('=', 2)
        return key === name && same(value ?? '', session)
      })
  }
}

/** Equality in a time that does not depend on where two texts differ. */
function same(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)]
  return a.length === b.length && timingSafeEqual(a, b)
}
