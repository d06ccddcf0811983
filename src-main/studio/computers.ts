/** Other computers as the studio reaches them: one place for each kind, made when it is first asked. */
import { join } from 'node:path'
import type { PlaceName, QueueState } from '../../src-shared/shapes/place.ts'
import { toErrorData } from '../../src-shared/shapes/errors.ts'
import type { BatchPlace, Place } from '../places/place.ts'
import { QueuePlace } from '../places/queue/queue.ts'
import { engramCommand } from '../places/slurm/command.ts'
import { SlurmPlace, type SlurmPlaceOptions } from '../places/slurm/slurm.ts'
import { takenSecrets, type Address } from '../places/queue/address.ts'
import { addressWith, type Keychain } from '../places/queue/keychain.ts'

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
  keychain: Keychain
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
    let [address, password]: [string, QueueState['password']] = ['', 'none']
    try {
      const found = await this.#address()
      address = found.shown
      password = found.passwordFrom
      return await this.#theQueue().state()
    } catch (error) {
      return { ...nothing, address, password, error: toErrorData(error) }
    }
  }

  /** Keep the password of the queue's server in the keychain; empty: forget it. @throws StudioError bad-input, not-supported */
  async keepPassword(password: string): Promise<void> {
    await this.#deps.keychain.set((await this.#address()).shown, password)
  }

  /** What is elsewhere goes on. */
  async stop(): Promise<void> {
    await Promise.all([this.#queue?.stop(), this.#cluster?.stop()])
  }

  #address(): Promise<Address> {
    const { queue, keychain } = this.#deps
    return addressWith(queue(), keychain)
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
