import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { candidates, findPython } from '../../../../src-main/engine/python/interpreter.ts'
import { pythonSettingsSchema } from '../../../../src-shared/shapes/python.ts'

const root = mkdtempSync(join(tmpdir(), 'engram-python-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const settings = (interpreter: string): ReturnType<typeof pythonSettingsSchema.parse> =>
  pythonSettingsSchema.parse({ interpreter })

describe('the interpreter', () => {
  it.skipIf(process.platform === 'win32')(
    'is the setting alone, else the active environment, else what is installed',
    () => {
      mkdirSync(join(root, 'venv/bin'), { recursive: true })
      writeFileSync(join(root, 'venv/bin/python3'), '')
      const env = { VIRTUAL_ENV: join(root, 'venv'), CONDA_PREFIX: join(root, 'gone') }
      expect(candidates(settings('/opt/mine/python'), env)).toEqual({ chosen: [['/opt/mine/python']], installed: [] })
      expect(candidates(settings(''), env)).toEqual({
        chosen: [[join(root, 'venv/bin/python3')]],
        installed: [['python3'], ['python'], ['/usr/bin/python3']]
      })
      expect(candidates(settings(''), {}).chosen).toEqual([])
    }
  )

  it('says its version, and its packages or that they are not there', async () => {
    const found = await findPython(settings('python3'), 1)
    expect(found).toMatchObject({ info: { python: expect.stringMatching(/^3\.\d+\.\d+/) as string } })
    expect('info' in found && found.info.devices).toContain('cpu')
  })

  it('is missing with the reason and what to do', async () => {
    const nowhere = await findPython(settings(join(root, 'nowhere')), 1)
    expect(nowhere).toEqual({
      missing: expect.stringMatching(/Install Python 3\.9.*Settings.*nowhere.*could not be started/s) as string
    })
    writeFileSync(join(root, 'odd'), '#!/bin/sh\necho hello\n', { mode: 0o755 })
    expect(await findPython(settings(join(root, 'odd')), 1)).toHaveProperty('missing')
  })

  it('is refused a device that it has not', async () => {
    const found = await findPython({ ...settings('python3'), device: 'cuda:7' }, 1)
    expect(found).toEqual({ missing: expect.stringContaining('no device cuda:7') as string })
  })
})
