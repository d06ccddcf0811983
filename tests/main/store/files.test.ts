import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { writeParts, writeWhole } from '../../../src-main/store/files.ts'
import { attempts } from '../../torture/faults.ts'
import { codeOf } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it.each(Object.keys(attempts))(
  '%s survives a disk that fails at one operation after another',
  { timeout: 240_000 },
  (name) => {
    const folder = temporaryFolder('faults')
    // A file has few operations, a session a hundred: of those a sample, another each time.
    const step = name.startsWith('a file') ? 1 : 7
    let failed = 0
    for (let n = step === 1 ? 1 : 1 + (Date.now() % step); ; n += step) {
      const here = join(folder, String(n))
      mkdirSync(here)
      const { clean, wrong } = attempts[name](here, n)
      expect(wrong, `operation ${n}`).toEqual([])
      if (clean) break
      failed++
    }
    expect(failed).toBeGreaterThan(4)
  }
)

it('a file is its user’s alone unless it was there with other rights, and a link stays a link', () => {
  const folder = temporaryFolder('files')
  const path = join(folder, 'a.json')
  writeWhole(path, '1')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  chmodSync(path, 0o644)
  const link = join(folder, 'link.json')
  symlinkSync(path, link)
  writeWhole(link, Buffer.from('2'))
  expect(readFileSync(path, 'utf8')).toBe('2')
  expect(statSync(path).mode & 0o777).toBe(0o644)
  expect(readdirSync(folder)).toEqual(['a.json', 'link.json'])
})

it('what cannot be written is a typed error that names the file', () => {
  const folder = temporaryFolder('files')
  mkdirSync(join(folder, 'taken'))
  writeFileSync(join(folder, 'plain'), '')
  expect(codeOf(() => writeWhole(join(folder, 'none', 'a'), ''))).toBe('not-found')
  expect(codeOf(() => writeWhole(join(folder, 'plain', 'a'), ''))).toBe('not-found')
  expect(codeOf(() => writeWhole(join(folder, 'taken'), ''))).toBe('bad-file')
  expect(readdirSync(folder)).toEqual(['plain', 'taken'])
  expect(existsSync('/dev/full') ? codeOf(() => writeWhole('/dev/full', 'x')) : 'disk-full').toBe('disk-full')
})

it('a file of many parts is whole or as it was before', async () => {
  const folder = temporaryFolder('files')
  const path = join(folder, 'a.csv')
  async function* parts(count: number, fails = false): AsyncGenerator<Buffer> {
    for (let i = 0; i < count; i++) yield Buffer.from(`${i}\n`)
    if (fails) throw new StudioError('cancelled', 'enough')
  }
  await writeParts(path, parts(3))
  expect(readFileSync(path, 'utf8')).toBe('0\n1\n2\n')
  await expect(writeParts(path, parts(2, true))).rejects.toMatchObject({ data: { code: 'cancelled' } })
  expect(readFileSync(path, 'utf8')).toBe('0\n1\n2\n')
  expect(readdirSync(folder)).toEqual(['a.csv'])
})
