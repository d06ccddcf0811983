import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setFuses } from '../../../../src-main/hosts/packaging/fuses.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const folder = temporaryFolder('fuses')

/** A file with a fuse wire as Electron's programs carry it: the sentinel, version 1, nine fuses, one character each. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
function program(name: string, fuses: string): string {
  const path = join(folder, name)
  writeFileSync(
    path,
    Buffer.concat([
      Buffer.from(`code${sentinel}`),
      Buffer.from([1, fuses.length]),
      Buffer.from(fuses),
      Buffer.from('more code')
    ])
  )
  return path
}

describe('setFuses', () => {
  it('turns off what runs other code, and turns on what guards ours', async () => {
    const path = program('electron', '101100101')
    await setFuses(path)
    const text = readFileSync(path, 'latin1')
    const wire = text.slice(text.indexOf(sentinel) + sentinel.length + 2).slice(0, 9)
    // RunAsNode, cookie encryption, NODE_OPTIONS, --inspect, asar integrity, only asar, V8 snapshot, file: privileges, WebAssembly's traps
    expect(wire).toBe('000011001')
  })

  it('refuses a program that has fewer fuses than we know', async () => {
    await expect(setFuses(program('old', '1011'))).rejects.toThrow()
  })

  it('refuses a program that has a fuse we have not decided on', async () => {
    await expect(setFuses(program('new', '1011001011'))).rejects.toThrow()
  })

  it('refuses a file that is no Electron program', async () => {
    const path = join(folder, 'none')
    writeFileSync(path, 'nothing')
    await expect(setFuses(path)).rejects.toThrow()
  })
})
