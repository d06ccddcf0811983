/** Where a request comes from: no other site, and no name that was pointed at this machine, may speak to the server. */
import type { IncomingMessage } from 'node:http'

/** Why a request is refused, or undefined. Host must be exactly ours; Origin, where there is one or must be one, too. */
export function refusal(request: IncomingMessage, port: number, needsOrigin: boolean): string | undefined {
  const { host, origin } = request.headers
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    return 'This address is not served. Open the link that the terminal shows; through SSH, forward the same port number.'
  if (origin === undefined ? needsOrigin : origin !== `http://${host}`) return 'This origin may not use the studio.'
  return undefined
}

export const loopback: readonly string[] = ['127.0.0.1', 'localhost']
