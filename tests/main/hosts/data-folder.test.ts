import { join } from 'node:path'
import { expect, it } from 'vitest'
import { defaultDataFolder } from '../../../src-main/hosts/data-folder.ts'

it('keeps data where each platform does', () => {
  expect(defaultDataFolder('linux', {}, '/home/ada')).toBe(join('/home/ada', '.local', 'share', 'engram-studio'))
  expect(defaultDataFolder('linux', { XDG_DATA_HOME: '/data' }, '/home/ada')).toBe(join('/data', 'engram-studio'))
  expect(defaultDataFolder('darwin', {}, '/Users/ada')).toBe(
    join('/Users/ada', 'Library', 'Application Support', 'Engram Studio')
  )
  expect(defaultDataFolder('win32', { APPDATA: 'C:/Roaming' }, 'C:/Users/ada')).toBe(
    join('C:/Roaming', 'Engram Studio')
  )
})
