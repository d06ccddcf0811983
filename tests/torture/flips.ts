/**
 * Bits flipped in the data file, or in it and its backup: whatever is read afterwards is what was written, or says that it
 * is not. Nothing is ever silently another number.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backupFolder, makeBackup } from '../../src-main/store/backup.ts'
import { storeFile } from '../../src-main/store/file.ts'
import { openStore } from '../../src-main/store/open.ts'
import { realPort, type StorePort } from '../../src-main/store/port.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { random } from '../support/random.ts'
import { contentOf, silent, type Content } from './content.ts'
import { datasetIds, fullStore, ids, reportIds } from './full-store.ts'
import type { Campaign } from './campaign.ts'

/** Nothing is to survive a loss of power here: a thousand rounds without a wait for the disk. */
const port: StorePort = {
  ...realPort,
  sync() {},
  connect(path, options) {
    const database = realPort.connect(path, options)
    const pragma = database.pragma.bind(database)
    database.pragma = (text, more) => pragma(text === 'synchronous = FULL' ? 'synchronous = OFF' : text, more)
    return database
  }
}

export const flips: Campaign = ({ rounds, seed, folder, tell }) => {
  const next = random(seed)
  const source = join(folder, 'source')
  fullStore(source)
  const sound = readFileSync(storeFile(source))
  const database = port.connect(storeFile(source), { readonly: false, mustExist: true })
  const backup = readFileSync(makeBackup(port, database, source, new Date()))
  database.close()
  const before = read(source)
  const counts = { ...none }
  const failures: string[] = []
  for (let round = 0; round < rounds; round++) {
    const here = join(folder, 'round')
    rmSync(here, { recursive: true, force: true })
    mkdirSync(backupFolder(here), { recursive: true })
    // Every fifth round the data file is beyond reading, and what is flipped is the backup that takes its place.
    const inBackup = round % 5 === 4
    const flipped = flip(inBackup ? backup : sound, next)
    const name = join(backupFolder(here), 'engram-000001-2026-01-01T00-00-00-000Z.sqlite')
    if (inBackup) {
      writeFileSync(name, flipped)
      writeFileSync(storeFile(here), sound.subarray(0, 5000))
    } else {
      writeFileSync(storeFile(here), flipped)
      writeFileSync(name, backup)
    }
    const outcome = after(here, before)
    if ('silent' in outcome) failures.push(`round ${round}: ${outcome.silent.join(', ')}`)
    else counts[outcome.as]++
    if ((round + 1) % 1000 === 0) tell(`${round + 1} flips`)
  }
  return { summary: counts, failures }
}

const none = {
  unchanged: 0,
  'repaired at the start': 0,
  'refused at the start': 0,
  'shown as damaged': 0,
  'nothing sound left, and said so': 0
}

/** One to three neighbouring bits, or a byte, or a few bytes anywhere. */
function flip(bytes: Buffer, next: () => number): Buffer {
  const copy = Buffer.from(bytes)
  const at = Math.floor(next() * copy.length)
  const kind = next()
  if (kind < 0.6) copy[at] ^= 1 << Math.floor(next() * 8)
  else if (kind < 0.8) copy[at] ^= 0x18
  else if (kind < 0.9) copy[at] = Math.floor(next() * 256)
  else for (let i = 0; i < 4; i++) copy[Math.floor(next() * copy.length)] ^= 1 << Math.floor(next() * 8)
  return copy
}

function read(folder: string): Content {
  const store = openStore({ folder, port })
  try {
    return contentOf(store, ids, reportIds, datasetIds)
  } finally {
    store.close()
  }
}

type Outcome = { as: keyof typeof none } | { silent: string[] }

function after(folder: string, before: Content): Outcome {
  let store
  try {
    store = openStore({ folder, port })
  } catch (error) {
    if (error instanceof StudioError) return { as: 'refused at the start' }
    return { silent: [`an untyped error at the start: ${String(error)}`] }
  }
  try {
    if (store.notice?.includes('no good backup')) return { as: 'nothing sound left, and said so' }
    const content = contentOf(store, ids, reportIds, datasetIds)
    const wrong = silent(before, content)
    if (wrong.length) return { silent: wrong }
    const said = store.notice !== undefined
    const same = silentlySame(before, content)
    if (!same && store.check() === 'ok') return { silent: ['the check finds nothing'] }
    return { as: same ? (said ? 'repaired at the start' : 'unchanged') : 'shown as damaged' }
  } catch (error) {
    return { silent: [`an untyped error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`] }
  } finally {
    store.close()
  }
}

const silentlySame = (before: Content, after: Content): boolean =>
  JSON.stringify([...before]) === JSON.stringify([...after])
