/** An export made, read in its parts and removed, as the page and the command line do. */
import type { CallInput, CallName, CallOutput } from '../../src-shared/contract/index.ts'

export interface Exported {
  name: string
  mime: string
  bytes: Buffer
  /** The bytes as text, where they are not too many. */
  readonly content: string
}

type Ask = <N extends CallName>(name: N, input: CallInput<N>) => Promise<CallOutput<N>>

export async function exported(ask: Ask, request: CallInput<'exports.start'>): Promise<Exported> {
  const { id } = await ask('exports.start', request)
  const { name, mime, bytes: size } = await ask('exports.end', { id })
  const parts: Buffer[] = []
  for (let offset = 0; offset < size; offset += parts.at(-1)!.length)
    parts.push(Buffer.from((await ask('exports.read', { id, offset })).content, 'base64'))
  await ask('exports.drop', { id })
  const bytes = Buffer.concat(parts)
  return {
    name,
    mime,
    bytes,
    get content() {
      return bytes.toString('utf8')
    }
  }
}
