import { expect, it } from 'vitest'
import { settingsSchema } from '../../../src-shared/shapes/settings.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { openStore } from '../../../src-main/store/open.ts'
import { testStore } from './support.ts'
import { realPort } from '../../../src-main/store/port.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it('settings begin with their defaults and keep what is changed', () => {
  const folder = temporaryFolder('store')
  const store = openStore({ folder })
  expect(store.read.settings()).toEqual(settingsSchema.parse({}))
  store.write.saveSettings({ theme: 'dark', layout: { run: { split: 0.4 } } })
  store.write.saveSettings({ workers: 3 })
  store.close()
  expect(testStore(folder).read.settings()).toMatchObject({
    theme: 'dark',
    workers: 3,
    layout: { run: { split: 0.4 } },
    backend: 'auto'
  })
})

it('a stored setting that no longer fits falls back to its default', () => {
  const folder = temporaryFolder('store')
  const store = testStore(folder)
  store.write.saveSettings({ workers: 3 })
  const beside = realPort.connect(storeFile(folder), { readonly: false, mustExist: true })
  beside.exec(`INSERT INTO settings (name, json) VALUES ('theme', '"purple"'), ('gone', '1')`)
  beside.close()
  expect(store.read.settings()).toEqual({ ...settingsSchema.parse({}), workers: 3 })
})
