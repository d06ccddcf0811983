import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultDataFolder } from '../../../../src-main/hosts/data-folder.ts'
import { chosenFolders, makeWindowFolder } from '../../../../src-main/hosts/desktop/folder.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('chosenFolders', () => {
  it('is what follows --data, of a packaged program and of one that has a script', () => {
    expect(chosenFolders(['studio', '--data', '/a'], true).dataFolder).toBe(resolve('/a'))
    expect(chosenFolders(['studio', '--no-sandbox', '--data=b', '--lang=de'], true).dataFolder).toBe(resolve('b'))
    expect(chosenFolders(['electron', '.', '--data', '/a'], false).dataFolder).toBe(resolve('/a'))
  })
  it('names the user’s models, too', () => {
    expect(chosenFolders(['studio', '--models', '/m', '--data', '/a'], true)).toEqual({
      dataFolder: resolve('/a'),
      modelFolder: resolve('/m')
    })
  })
  it('is the usual one without', () => {
    expect(chosenFolders(['studio'], true).dataFolder).toBe(defaultDataFolder())
    expect(chosenFolders(['studio', '/some/file', '--enable-features=x'], true).dataFolder).toBe(defaultDataFolder())
  })
  it.each([[['studio', '--data']], [['studio', '--data=']], [['studio', '--models']]])('refuses %j', (argv) =>
    expect(() => chosenFolders(argv, true)).toThrow(/folder must follow/)
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
