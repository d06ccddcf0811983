/** `engram worker`: this machine computes batches of the queue until it is told to stop. */
import { resolve } from 'node:path'
import type { BackendChoice } from '../../../src-shared/shapes/experiment.ts'
import { startEngine } from '../../engine/process/launch.ts'
import { AssetFolder } from '../../places/assets.ts'
import { addressWith, systemKeychain } from '../../places/queue/keychain.ts'
import { QueueWorker } from '../../places/queue/worker.ts'
import { plain } from './text.ts'
import { thisComputer } from './this-computer.ts'

export interface WorkOptions {
  /** Address of the server, without a password; by default what the environment says. */
  queue?: string
  name: string
  workers?: number
  backend: BackendChoice
  data: string
  trustModels?: true
}

const say = (line: string): void => void process.stderr.write(`${plain(line)}\n`)

/**
 * Compute batches until Ctrl-C: once, and those under way are finished; twice, and they go back to the queue.
 * @throws StudioError bad-input, connection-lost, unauthorised, engine-crashed
 */
export async function workAtQueue(options: WorkOptions): Promise<void> {
  const { queue = '', name, workers = 0, backend, data, trustModels = false } = options
  const address = await addressWith(queue, systemKeychain)
  const worker = new QueueWorker({
    address,
    about: thisComputer(name),
    start: startEngine,
    assets: new AssetFolder(resolve(data)),
    workers,
    backend,
    trustsModels: trustModels,
    say
  })
  await worker.start()
  say(`${name} computes batches of ${address.shown}. Ctrl-C ends it.`)
  await new Promise<void>((resolve, reject) => {
    let asked = false
    const stop = (): void => {
      const stopped = asked ? worker.abandon() : worker.finish()
      if (!asked && worker.busy) say(`Finishing ${worker.busy} batches; Ctrl-C again gives them back.`)
      asked = true
      stopped.then(resolve, reject)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  })
  process.exit(0)
}
