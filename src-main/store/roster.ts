/**
 * Which runs there are, as numbers in memory: what belongs together, and what is newer. With it the groups of 100,000
 * runs are one pass over arrays, where SQLite would sort them for every key that is typed into the filter.
 */
import { isReady } from '../../src-shared/exchange/ready-results.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { Database } from './port.ts'
import { wayBack } from './sums.ts'

export interface Roster {
  /** Keys of the runs, newest first. */
  order: Int32Array
  /** By key: its place in `order` from 1, 0 for a run that is not in it. */
  place: Int32Array
  /** By key: the same number for runs that differ only in their seeds. */
  variant: Int32Array
  /** By key. */
  seeds: Int32Array
  /** One more than the largest key. */
  size: number
}

/** Which runs: of the history or of the trash; with or without those that ship with the studio. */
export interface Shelf {
  trashed: boolean
  references?: boolean | undefined
}

/** Reads the runs of a shelf, again only when a run has come, gone, moved or got other seeds. */
export function rosterReader(database: Database): (shelf: Shelf) => Roster {
  const revision = database.prepare<[], number>('SELECT revision FROM roster').pluck()
  const known = new Map<string, { revision: number; roster: Roster }>()
  return (shelf) => {
    const now = revision.get() as unknown as number
    const name = `${shelf.trashed} ${shelf.references ?? false}`
    const last = known.get(name)
    if (last?.revision === now) return last.roster
    const roster = readRoster(database, shelf)
    known.set(name, { revision: now, roster })
    return roster
  }
}

function readRoster(database: Database, { trashed, references }: Shelf): Roster {
  // Both orders lie ready in an index; one that has lost an entry would hide a run.
  const where = trashed ? 'trashed IS NOT NULL' : 'trashed IS NULL'
  const all = Int32Array.from(
    database.prepare(`SELECT key FROM runs WHERE ${where} ORDER BY created DESC, key DESC`).pluck().all() as number[]
  )
  const there = database.prepare(`SELECT count(*) FROM runs NOT INDEXED WHERE ${where}`).pluck().get() as number
  if (there !== all.length)
    throw new StudioError('store-corrupt', `The list of runs is damaged in the data file; ${wayBack}.`)
  const origins = database.prepare("SELECT key, origin FROM runs WHERE origin <> ''").raw()
  const shipped = new Set(
    references
      ? []
      : (origins.all() as [number, string][]).flatMap(([key, origin]) => (isReady({ origin }) ? [key] : []))
  )
  const order = shipped.size ? all.filter((key) => !shipped.has(key)) : all
  const byVariant = database
    .prepare(`SELECT key, seeds, variant FROM runs WHERE ${where} ORDER BY variant`)
    .raw()
    .all() as [number, number, string][]
  const size = all.reduce((most, key) => Math.max(most, key), 0) + 1
  const [place, variant, seeds] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)]
  order.forEach((key, i) => (place[key] = i + 1))
  let [group, last]: [number, string | undefined] = [-1, undefined]
  for (const [key, count, name] of byVariant) {
    if (name !== last) group++
    last = name
    variant[key] = group
    seeds[key] = count
  }
  return { order, place, variant, seeds, size }
}
