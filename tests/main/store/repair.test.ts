import fc from 'fast-check'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backupDue, backupFolder, checkFile, listBackups, makeBackup } from '../../../src-main/store/backup.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { openStore } from '../../../src-main/store/open.ts'
import { realPort } from '../../../src-main/store/port.ts'
import { Fault, faultyPort } from './faults.ts'
import { codeOf, newRun, outcome, testStore } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A closed store of one run and its backup, then one run more that is in no backup. */
function storeWithBackup(): string {
  const folder = temporaryFolder('store')
  let store = openStore({ folder })
  store.write.addRun(newRun('A'))
  store.write.addTrials('A', [outcome(0, 0)], 1, 'cpu')
  store.close()
  store = openStore({ folder })
  store.write.addRun(newRun('B'))
  store.close()
  expect(listBackups(realPort, folder)).toHaveLength(1)
  return folder
}

/** Overwrite the first table page: what a torn sector or a careless tool does. */
function damage(path: string): void {
  const bytes = readFileSync(path)
  bytes.fill(0xab, 100, 9000)
  writeFileSync(path, bytes)
}

const keptFiles = (folder: string): string[] => readdirSync(folder).filter((name) => name.includes('-damaged-'))

describe('a damaged store', () => {
  it('is kept under another name, the newest backup takes its place, and the user is told what was lost', () => {
    const folder = storeWithBackup()
    damage(storeFile(folder))
    const damaged = readFileSync(storeFile(folder))
    const store = testStore(folder)
    expect(store.notice).toMatch(/damaged and is kept as engram-damaged-.*The backup of \d{4}-.* was restored/)
    expect(store.read.run('A').done).toBe(1)
    expect(codeOf(() => store.read.run('B'))).toBe('not-found')
    const [kept] = keptFiles(folder)
    expect(readFileSync(join(folder, kept)).equals(damaged)).toBe(true)
  })

  it('starts empty and says so when no backup is good', () => {
    const folder = storeWithBackup()
    damage(storeFile(folder))
    damage(listBackups(realPort, folder)[0].path)
    const store = testStore(folder)
    expect(store.notice).toMatch(/no good backup/)
    expect(codeOf(() => store.read.run('A'))).toBe('not-found')
    expect(keptFiles(folder)).toHaveLength(1)
  })

  it('goes back to an older backup when the newest is damaged too', () => {
    const folder = storeWithBackup()
    const [newest] = listBackups(realPort, folder)
    const older = join(backupFolder(folder), 'engram-2020-01-01T00-00-00-000Z.sqlite')
    copyFileSync(newest.path, older)
    damage(newest.path)
    damage(storeFile(folder))
    const store = testStore(folder)
    expect(store.notice).toContain('2020-01-01')
    expect(store.read.run('A').done).toBe(1)
  })

  it('is noticed when its file is cut short or is no database at all', () => {
    for (const spoil of [(b: Buffer) => b.subarray(0, b.length / 2), () => Buffer.from('not a database'.repeat(99))]) {
      const folder = storeWithBackup()
      writeFileSync(storeFile(folder), spoil(readFileSync(storeFile(folder))))
      expect(testStore(folder).notice).toContain('damaged')
    }
  })

  it('never crashes the studio and never loses the damaged file, whichever bytes are flipped', () => {
    const folder = storeWithBackup()
    const sound = readFileSync(storeFile(folder))
    const backup = listBackups(realPort, folder)[0]
    const soundBackup = readFileSync(backup.path)
    const right = testStore(folder, { readOnly: true }).read.results('A')
    const flips = (length: number) => fc.array(fc.nat(length - 1), { minLength: 1, maxLength: 40 })
    const flipped = (bytes: Buffer, places: number[]): Buffer => {
      const copy = Buffer.from(bytes)
      for (const place of places) copy[place] ^= 0xff
      return copy
    }
    fc.assert(
      fc.property(flips(sound.length), flips(soundBackup.length), fc.boolean(), (places, inBackup, both) => {
        const here = join(folder, `flip-${Math.random()}`)
        mkdirSync(backupFolder(here), { recursive: true })
        const spoiled = flipped(sound, places)
        writeFileSync(storeFile(here), spoiled)
        const copy = join(backupFolder(here), 'engram-2026-01-01T00-00-00-000Z.sqlite')
        writeFileSync(copy, both ? flipped(soundBackup, inBackup) : soundBackup)
        const goodBackup = checkFile(realPort, copy, 1) !== undefined
        if (!both) expect(goodBackup).toBe(true)
        let store
        try {
          store = openStore({ folder: here })
        } catch (error) {
          // A flipped version or identity number is refused with the file left alone.
          expect(['store-newer', 'conflict']).toContain((error as { data?: { code: string } }).data?.code)
          expect(readFileSync(storeFile(here)).equals(spoiled)).toBe(true)
          return
        }
        if (store.notice !== undefined) {
          expect(readFileSync(join(here, keptFiles(here)[0])).equals(spoiled)).toBe(true)
          // What a backup lost in its turn is found by the sums of its rows.
          if (!both) expect(store.check()).toBe('ok')
          if (goodBackup && !both) expect(store.read.run('A').done).toBe(1)
        }
        // A store that calls itself sound gives the numbers that were stored.
        if (store.check() === 'ok' && codeOf(() => store.read.run('A')) !== 'not-found')
          expect(store.read.results('A')).toEqual(right)
        store.close()
      }),
      { numRuns: 40 }
    )
  })

  it('is repaired in one step or not at all, wherever the machine fails', { timeout: 120_000 }, () => {
    const source = storeWithBackup()
    damage(storeFile(source))
    for (let n = 1; ; n++) {
      const folder = join(source, `try-${n}`)
      mkdirSync(backupFolder(folder), { recursive: true })
      copyFileSync(storeFile(source), storeFile(folder))
      copyFileSync(
        listBackups(realPort, source)[0].path,
        join(backupFolder(folder), 'engram-2026-01-01T00-00-00-000Z.sqlite')
      )
      const port = faultyPort(n)
      let told: string | undefined
      try {
        const first = openStore({ folder, port })
        told = first.notice
        first.close()
      } catch (error) {
        if (!(error instanceof Fault)) throw error
      }
      const store = openStore({ folder })
      expect(store.read.run('A').done, `after a failure at operation ${n}`).toBe(1)
      expect(keptFiles(folder).length, `after a failure at operation ${n}`).toBeGreaterThan(0)
      store.close()
      if (port.count() < n) {
        expect(told).toContain('restored')
        break
      }
    }
  })
})

describe('backups', () => {
  it('are made at the end of a day of work, not more often', () => {
    const folder = storeWithBackup()
    testStore(folder).close()
    expect(listBackups(realPort, folder)).toHaveLength(1)
  })

  it('keep the newest seven, one of each of four weeks, the fullest, and clean up what a crash left half-made', () => {
    const folder = storeWithBackup()
    const partial = join(backupFolder(folder), 'engram-x.sqlite.partial')
    writeFileSync(partial, 'half')
    const database = realPort.connect(storeFile(folder), { readonly: false, mustExist: true })
    for (let day = 0; day < 70; day++) makeBackup(realPort, database, folder, new Date(Date.UTC(2030, 0, 3 + day)))
    database.close()
    const days = listBackups(realPort, folder).map((b) => (b.time.getTime() - Date.UTC(2030, 0, 3)) / 86_400_000)
    // 3 January 2030 begins a week since 1970. All hold the same; the first of the equally full ones is the newest.
    expect(days).toEqual([69, 68, 67, 66, 65, 64, 63, 62, 55, 48, 41])
    expect(existsSync(partial)).toBe(false)
  })

  it('never lose one that holds more than the store does now', () => {
    const folder = storeWithBackup()
    const database = realPort.connect(storeFile(folder), { readonly: false, mustExist: true })
    const full = makeBackup(realPort, database, folder, new Date(Date.UTC(2030, 0, 1)))
    database.exec("UPDATE runs SET trashed = '2030'; DELETE FROM runs")
    for (let day = 2; day < 40; day++) makeBackup(realPort, database, folder, new Date(Date.UTC(2030, 0, day)))
    database.close()
    const kept = listBackups(realPort, folder)
    expect(kept.map(({ path }) => path)).toContain(full)
    // The one of the first session holds a run, the store none.
    expect(kept.at(-1)?.sequence).toBe(1)
  })

  it('go by their count when the clock was once in the future: it neither stops them nor chooses what is removed', () => {
    const folder = storeWithBackup()
    const database = realPort.connect(storeFile(folder), { readonly: false, mustExist: true })
    makeBackup(realPort, database, folder, new Date(Date.UTC(2099, 0, 1)))
    const now = new Date(Date.now() + 2 * 86_400_000)
    expect(backupDue(realPort, folder, now)).toBe(true)
    for (let day = 0; day < 9; day++) makeBackup(realPort, database, folder, new Date(now.getTime() + day * 86_400_000))
    database.close()
    const [newest] = listBackups(realPort, folder)
    expect(newest.time.getTime()).toBe(now.getTime() + 8 * 86_400_000)
    expect(newest.sequence).toBe(11)
  })

  it('take the place of a store that is empty or gone, and say so', () => {
    for (const lose of [(path: string) => writeFileSync(path, ''), (path: string) => rmSync(path)]) {
      const folder = storeWithBackup()
      lose(storeFile(folder))
      const store = testStore(folder)
      expect(store.notice).toMatch(/(damaged|missing).*The backup of .* was restored/)
      expect(store.read.run('A').done).toBe(1)
      expect(codeOf(() => store.read.run('B'))).toBe('not-found')
    }
  })
})
