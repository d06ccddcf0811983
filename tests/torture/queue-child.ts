/**
 * A worker or a studio at the queue, to be killed. Arguments: role, address, folder. A studio takes on stdin, a line each,
 * the name of a run and the experiment as JSON: it starts the run, or follows it where it is there, and prints its name,
 * its numbers' hash, and how many drifted when all is done.
 */
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { canonical } from '../../src-shared/grid/identity.ts'
import { toErrorData } from '../../src-shared/shapes/errors.ts'
import { startEngine } from '../../src-main/engine/process/launch.ts'
import { addressOf } from '../../src-main/places/queue/address.ts'
import { createStudio, type Studio } from '../../src-main/studio/studio.ts'
import { numbers, worker } from '../main/places/queue-support.ts'

const [role, url, folder] = process.argv.slice(2)
const tell = (...words: (string | number)[]): void => void process.stdout.write(`${words.join(' ')}\n`)

/** @returns the run of that name, started if there is none; undefined while the server is away */
async function runOf({ handlers }: Studio, name: string, experiment: object): Promise<string | undefined> {
  const { rows } = await handlers['runs.list']({
    ...{ limit: 100, offset: 0, trashed: false, sort: 'created', descending: true }
  })
  const known = rows.find((row) => row.name === name)
  if (known) return known.id
  try {
    return (await handlers['runs.start']({ experiment: experiment as never, name, on: { kind: 'queue' } })).id
  } catch (error) {
    const { code, message } = toErrorData(error)
    if (code !== 'connection-lost') throw new Error(message, { cause: error })
    return undefined
  }
}

/** Follow a run to its end; where the server was away when it was taken up, it is resumed as a user would. */
async function follow(studio: Studio, name: string, experiment: object): Promise<void> {
  const { handlers } = studio
  for (;;) {
    const id = await runOf(studio, name, experiment)
    const run = id === undefined ? undefined : await handlers['runs.get']({ id })
    if (run?.status === 'done') {
      const hash = createHash('sha256').update(canonical(await numbers(studio, run.id)))
      return tell('done', name, hash.digest('hex'), (await handlers['runs.drifts']({ id: run.id })).length)
    }
    if (run?.error?.code === 'connection-lost') {
      tell('resumed', name)
      await handlers['runs.resume']({ id: run.id })
    } else if (run && ['failed', 'cancelled', 'interrupted'].includes(run.status))
      return tell('failed', name, run.status, JSON.stringify(run.error))
    await wait(50)
  }
}

if (role === 'worker') {
  // The server may be away just now; who starts a worker by hand would start it again.
  for (let there = false; !there; await wait(200))
    there = await worker({ folder, address: addressOf(url, {}) }).then(
      () => true,
      () => false
    )
  await new Promise(() => undefined)
}
const studio = await createStudio({ dataFolder: folder, host: 'serve', startEngine, queue: url, emit: () => undefined })
for await (const line of createInterface({ input: process.stdin })) {
  const [name, json] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]
  tell('begun', name)
  await follow(studio, name, JSON.parse(json) as object)
}
await studio.close()
process.exit(0)
