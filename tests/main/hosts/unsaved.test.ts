import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keepElsewhere, keptText } from '../../../src-main/hosts/unsaved.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const file = { run: 'R', trials: 3, name: 'r-unsaved.json', content: '{"a":1}' }

it('what cannot be stored goes into the first folder that takes it, beside what is there', () => {
  const folder = temporaryFolder('unsaved')
  writeFileSync(join(folder, 'no-folder'), '')
  mkdirSync(join(folder, 'good'))
  writeFileSync(join(folder, 'good', file.name), 'mine')
  const kept = keepElsewhere(file, [join(folder, 'missing'), join(folder, 'no-folder'), join(folder, 'good')])
  const path = join(folder, 'good', 'r-unsaved-2.json')
  expect(kept).toEqual({ path })
  expect(readFileSync(path, 'utf8')).toBe(file.content)
  expect(readFileSync(join(folder, 'good', file.name), 'utf8')).toBe('mine')
  expect(keptText(file, kept)).toContain(`3 trials of run R could not be stored; they are in ${path}.`)
})

it('and where no folder takes it, the last reason is told', () => {
  const kept = keepElsewhere(file, [join(temporaryFolder('unsaved'), 'missing')])
  expect(kept).toEqual({ why: 'There is no such folder to write to.' })
  expect(keptText(file, kept)).toContain('nor written elsewhere: There is no such folder')
})
