import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultDataFolder } from '../../../../src-main/hosts/data-folder.ts'
import { chosenFolder, makeWindowFolder } from '../../../../src-main/hosts/desktop/folder.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('chosenFolder', () => {
  it('is what follows --data, of a packaged program and of one that has a script', () => {
    expect(chosenFolder(['studio', '--data', '/a'], true)).toBe(resolve('/a'))
    expect(chosenFolder(['studio', '--no-sandbox', '--data=b', '--lang=de'], true)).toBe(resolve('b'))
    expect(chosenFolder(['electron', '.', '--data', '/a'], false)).toBe(resolve('/a'))
  })
  it('is the usual one without', () => {
    expect(chosenFolder(['studio'], true)).toBe(defaultDataFolder())
    expect(chosenFolder(['studio', '/some/file', '--enable-features=x'], true)).toBe(defaultDataFolder())
  })
  it.each([[['studio', '--data']], [['studio', '--data=']]])('refuses %j', (argv) =>
    expect(() => chosenFolder(argv, true)).toThrow(/folder must follow/)
  )
})

describe('makeWindowFolder', () => {
  it('lies in the data folder, which it makes', () => {
    const data = join(temporaryFolder('window'), 'deep', 'data')
    const made = makeWindowFolder(data)
    expect(made).toBe(join(data, 'window'))
    expect(existsSync(made)).toBe(true)
  })
  it('says what stands in its way', () => {
    const file = join(temporaryFolder('window'), 'file')
    writeFileSync(file, '')
    expect(() => makeWindowFolder(file)).toThrow()
  })
})
