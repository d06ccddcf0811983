import { join } from 'node:path'
import { expect, it } from 'vitest'
import { defaultDataFolder } from '../../../src-main/hosts/data-folder.ts'

it('keeps data where each platform does', () => {
  expect(defaultDataFolder('linux', {}, '/home/ada')).toBe(join('/home/ada', '.local', 'share', 'engram-studio'))
  expect(defaultDataFolder('linux', { XDG_DATA_HOME: '/data' }, '/home/ada')).toBe(join('/data', 'engram-studio'))
  expect(defaultDataFolder('darwin', {}, '/Users/ada')).toBe(
    join('/Users/ada', 'Library', 'Application Support', 'Engram Studio')
  )
  expect(defaultDataFolder('win32', { LOCALAPPDATA: 'C:/Local' }, 'C:/Users/ada', () => false)).toBe(
    join('C:/Local', 'Engram Studio')
  )
  expect(defaultDataFolder('win32', {}, 'C:/Users/ada', () => false)).toBe(
    join('C:/Users/ada', 'AppData', 'Local', 'Engram Studio')
  )
})

it('stays with a history that lies in Windows’ roaming folder, until there is a local one', () => {
  const env = { APPDATA: 'C:/Roaming', LOCALAPPDATA: 'C:/Local' }
  const [roaming, local] = ['C:/Roaming', 'C:/Local'].map((folder) => join(folder, 'Engram Studio'))
  const where = (...there: string[]): string =>
    defaultDataFolder('win32', env, 'C:/Users/ada', (path) =>
      there.some((folder) => path === join(folder, 'engram.sqlite'))
    )
  expect(where(roaming)).toBe(roaming)
  expect(where(roaming, local)).toBe(local)
  expect(where()).toBe(local)
})
