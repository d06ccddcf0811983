/** The bridge on every Python that this machine has: from 3.9 on, with nothing but the standard library. */
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeFiles } from '../../../../src-main/engine/python/discover.ts'
import { findPython } from '../../../../src-main/engine/python/interpreter.ts'
import { pythonOf } from '../../../../src-main/engine/python/python.ts'
import type { NamedArray } from '../../../../src-main/engine/python/frames.ts'
import { pythonSettingsSchema } from '../../../../src-shared/shapes/python.ts'

/** Where a version manager keeps them, and those that a system has beside its own. */
const managed = join(homedir(), '.pyenv/versions')
const found = existsSync(managed)
  ? readdirSync(managed).map((version) => ({ version, program: join(managed, version, 'bin/python') }))
  : []
const minor = (version: string): number => {
  const [major, second] = version.split('.').map(Number)
  return major < 3 ? 0 : second
}
/** The newest of each line. */
const programs = [
  ...new Map(found.filter(({ program }) => existsSync(program)).map((one) => [minor(one.version), one])).values()
]

const file = join(import.meta.dirname, '../../../support/plain-matrix.py')
const rows = (name: string, values: number[]): NamedArray => ({
  name,
  shape: [1, values.length / 2, 2],
  data: Float32Array.from(values)
})

describe.skipIf(programs.length === 0)('each Python of this machine', () => {
  for (const { version, program } of programs) {
    const settings = pythonSettingsSchema.parse({ interpreter: program })
    if (minor(version) < 9)
      it(`${version} is refused in one sentence`, async () => {
        expect(await findPython(settings, 2)).toEqual({
          missing: `${program} is Python ${version}, and the models of Python files need 3.9 or newer.`
        })
      })
    else
      it(`${version} describes a class, makes it, stores in it and reads it`, async () => {
        const python = await findPython(settings, 2)
        if ('missing' in python) throw new Error(python.missing)
        expect(python.info.python).toBe(version)
        const [{ models, errors }] = await describeFiles([file], python.options)
        expect(errors).toEqual([])
        expect(models[0].python!.class).toMatchObject({ name: 'PlainMatrix', dimension: 'dim', title: 'Plain matrix' })
        const { ask } = pythonOf(python.options, () => undefined)
        const { handle } = ask({
          op: 'make',
          file,
          class: 'PlainMatrix',
          params: { dim: 2, rate: 2 },
          seeds: [1]
        }).header
        ask({ op: 'store', handle }, [rows('keys', [1, 0, 0, 1]), rows('values', [3, 4, 5, 6])])
        const [answer] = ask({ op: 'retrieve', handle }, [rows('queries', [1, 0, 1, 1])]).arrays
        expect(answer).toEqual({ name: 'result', shape: [1, 2, 2], data: Float32Array.of(6, 8, 16, 20) })
        expect(() => ask({ op: 'retrieve', handle: 99 }, [rows('queries', [1, 0])])).toThrow('KeyError')
      }, 60_000)
  }
})
