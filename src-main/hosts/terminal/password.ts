/** `engram password`: have the password of the queue's server kept in the system's keychain. */
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { Writable } from 'node:stream'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { addressWith, systemKeychain } from '../../places/queue/keychain.ts'

/**
 * Read it from stdin, or ask for it without showing it, and keep it; with `forget` keep none.
 * @returns what was done
 * @throws StudioError bad-input, not-supported where there is no keychain
 */
export async function keepPassword({ queue = '', forget }: { queue?: string; forget?: true }): Promise<string> {
  const { shown } = await addressWith(queue, systemKeychain)
  const password = forget ? '' : await given(shown)
  if (!forget && password === '') throw new StudioError('bad-input', 'No password was given.', { field: 'password' })
  await systemKeychain.set(shown, password)
  return forget ? `No password of ${shown} is kept.` : `The password of ${shown} is kept in this system's keychain.`
}

async function given(shown: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '')
  process.stderr.write(`Password of ${shown}: `)
  const unseen = new Writable({ write: (_, __, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true })
  try {
    return await terminal.question('')
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
