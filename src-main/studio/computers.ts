/** Other computers as the studio reaches them: one place for each kind, made when it is first asked. */
import { join } from 'node:path'
import type { PlaceName, QueueState } from '../../src-shared/shapes/place.ts'
import { toErrorData } from '../../src-shared/shapes/errors.ts'
import type { BatchPlace, Place } from '../places/place.ts'
import { QueuePlace } from '../places/queue/queue.ts'
import { engramCommand } from '../places/slurm/command.ts'
import { SlurmPlace, type SlurmPlaceOptions } from '../places/slurm/slurm.ts'
import { addressOf, takenSecrets, type Address } from '../places/queue/address.ts'

export interface ComputersDeps {
  engine: Place
  version: string
  vectorFolder: string
  /** Where the folders of runs on a cluster lie. */
  slurmFolder: string
  /** The experiment of a run, and what it asks of the cluster. */
  runOf: SlurmPlaceOptions['runOf']
  /** The server's address in the settings, or empty. */
  queue: () => string
  /** The password in the system's keychain, where the host has one. */
  password?: () => string | undefined
}

export class Computers {
  readonly #deps: ComputersDeps
  #queue: QueuePlace | undefined
  #cluster: SlurmPlace | undefined

  constructor(deps: ComputersDeps) {
    this.#deps = deps
    takenSecrets()
  }

  /** @throws StudioError bad-input, connection-lost, unauthorised where it cannot be reached */
  async ready(place: PlaceName): Promise<void> {
    if (place === 'queue') await this.#theQueue().ready()
  }

  at(place: Exclude<PlaceName, 'here'>): BatchPlace {
    return place === 'slurm' ? this.#theCluster() : this.#theQueue()
  }

  async queueState(): Promise<QueueState> {
    const nothing = { workers: [], waiting: 0, computing: 0, failed: [] }
    let address = ''
    try {
      address = this.#address().shown
      return await this.#theQueue().state()
    } catch (error) {
      return { ...nothing, address, error: toErrorData(error) }
    }
  }

  /** What is elsewhere goes on. */
  async stop(): Promise<void> {
    await Promise.all([this.#queue?.stop(), this.#cluster?.stop()])
  }

  #address(): Address {
    const { queue, password } = this.#deps
    return addressOf(queue(), takenSecrets(), password?.())
  }

  #theCluster(): SlurmPlace {
    const { engine, version, vectorFolder, slurmFolder, runOf } = this.#deps
    this.#cluster ??= new SlurmPlace({
      engine,
      version,
      vectorFolder,
      engram: engramCommand,
      folderOf: (run) => join(slurmFolder, run),
      runOf
    })
    return this.#cluster
  }

  #theQueue(): QueuePlace {
    const { engine, version, vectorFolder } = this.#deps
    this.#queue ??= new QueuePlace({ engine, version, vectorFolder, address: () => this.#address() })
    return this.#queue
  }
}
