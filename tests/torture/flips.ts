/**
 * Bits flipped in the data file, in its backup, or in the log of a session that was cut off: whatever is read afterwards is what was written, or says that it
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
import { newRun, outcome } from '../main/store/support.ts'
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
  const cut = cutOff(source, folder)
  const counts = { ...none }
  const failures: string[] = []
  for (let round = 0; round < rounds; round++) {
    const here = join(folder, 'round')
    rmSync(here, { recursive: true, force: true })
    mkdirSync(backupFolder(here), { recursive: true })
    if (round % 10 === 7) {
      const told = inLog(here, cut, next)
      if (typeof told === 'string') failures.push(`round ${round}: ${told}`)
      else counts[told.as]++
      continue
    }
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
  'a log that is not whole, and said so': 0,
  'shown as damaged': 0,
  'nothing sound left, and said so': 0
}

/** A store as a session leaves it that is cut off after its last commit: the file, its log, the log's index. */
interface CutOff {
  files: Record<string, Buffer>
  content: Content
}

function cutOff(source: string, folder: string): CutOff {
  const here = join(folder, 'cut-off')
  mkdirSync(here)
  writeFileSync(storeFile(here), readFileSync(storeFile(source)))
  const store = openStore({ folder: here, port })
  for (const id of ids) store.write.editRuns([id], { notes: `Later notes of ${id}`, addTags: ['later'] })
  store.write.addRun(newRun('E'))
  for (let seed = 0; seed < 3; seed++)
    store.write.addTrials(
      'E',
      [0, 1, 2, 3].map((cell) => outcome(cell, seed)),
      1,
      'cpu'
    )
  const files = Object.fromEntries(
    ['', '-wal', '-shm'].map((suffix) => [suffix, Buffer.from(readFileSync(storeFile(here) + suffix))])
  )
  const content = contentOf(store, [...ids, 'E'], reportIds, datasetIds)
  store.close()
  return { files, content }
}

/** A flip in the log: all of it is read, or the start says that some is lost. */
function inLog(here: string, { files, content }: CutOff, next: () => number): { as: keyof typeof none } | string {
  for (const [suffix, bytes] of Object.entries(files))
    writeFileSync(storeFile(here) + suffix, suffix === '-wal' ? flip(bytes, next) : bytes)
  const store = openStore({ folder: here, port })
  try {
    if (store.notice?.includes('The log of the last session is damaged'))
      return { as: 'a log that is not whole, and said so' }
    const same = silentlySame(content, contentOf(store, [...ids, 'E'], reportIds, datasetIds))
    return same ? { as: 'unchanged' } : 'a log was not whole, and nothing was said'
  } finally {
    store.close()
  }
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
