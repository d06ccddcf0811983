import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { storeFile } from '../../../src-main/store/file.ts'
import { logState } from '../../../src-main/store/log.ts'
import { openStore } from '../../../src-main/store/open.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { newRun, outcome, testStore } from './support.ts'

const suffixes = ['', '-wal', '-shm']

/** A folder as kill -9 leaves it: four commits in the log, none of them in the file yet. */
function cutOff(): string {
  const [folder, copy] = [temporaryFolder('store'), temporaryFolder('store')]
  testStore(folder).close()
  const store = testStore(folder)
  store.write.addRun(newRun('A'))
  for (const seed of [0, 1, 2]) store.write.addTrials('A', [outcome(0, seed)], 1, 'cpu')
  for (const suffix of suffixes) copyFileSync(storeFile(folder) + suffix, storeFile(copy) + suffix)
  return copy
}
const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path)
  bytes[at < 0 ? bytes.length + at : at] ^= 1
  writeFileSync(path, bytes)
}
const pageBytes = 4096
const frame = (i: number): number => 32 + i * (24 + pageBytes)

it('a log that stands is taken whole, and nothing is said', () => {
  const folder = cutOff()
  const log = readFileSync(`${storeFile(folder)}-wal`)
  const { taken, committed } = logState(log, readFileSync(`${storeFile(folder)}-shm`))
  expect(taken).toBe(committed)
  expect(taken).toBe((log.length - 32) / (24 + pageBytes))
  // What a crash cut off in the middle was never committed.
  expect(logState(log.subarray(0, -1000), Buffer.alloc(0)).committed).toBeLessThan(committed)
  const store = testStore(folder)
  expect(store.notice).toBeUndefined()
  expect(store.read.run('A').done).toBe(3)
})

it.each([
  ['its header', 13, 'all'],
  ['the number of a page', frame(2) + 3, 'some'],
  ['the salt of a frame', frame(2) + 9, 'some'],
  ['a page', frame(2) + 24 + 2000, 'some'],
  ['its last byte', -1, 'some']
] as const)('of a log with a flip in %s the start says what is lost, and keeps it', (_, at, lost) => {
  const folder = cutOff()
  const path = `${storeFile(folder)}-wal`
  flip(path, at)
  const broken = readFileSync(path)
  const { taken, committed } = logState(broken, readFileSync(`${storeFile(folder)}-shm`))
  // Who looks cannot trust the index, and it alone knows that the last frame was committed.
  const copy = temporaryFolder('store')
  for (const suffix of suffixes) copyFileSync(storeFile(folder) + suffix, storeFile(copy) + suffix)
  const looked = openStore({ folder: copy, readOnly: true })
  if (at > 0) expect(looked.notice).toContain('The log of the last session is damaged')
  looked.close()

  const store = testStore(folder)
  if (lost === 'all') expect(taken).toBe(0)
  else expect(taken).toBeLessThan(committed)
  expect(store.notice).toContain(`${committed - taken} of the ${committed} pages that it had stored are lost`)
  const kept = readdirSync(folder).find((name) => name.includes('-damaged-'))!
  expect(readFileSync(join(folder, kept)).equals(broken)).toBe(true)
  expect(store.check()).toBe('ok')
})
