import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import type { NamedTensors } from '../../../../src-main/tensors/weights/named-tensor.ts'
import { loadWeights, writeNpz, writeSafetensors } from '../../../../src-main/tensors/weights/files.ts'
import { readNpy } from '../../../../src-main/tensors/weights/npy.ts'
import { writeZip, zipEntries } from '../../../../src-main/tensors/weights/zip.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const tensors: NamedTensors = new Map([
  ['W_K.weight', { shape: [2, 3], data: Float32Array.of(1, -2.5, 3, 4, 0.1, 6) }],
  ['blocks.0.bias', { shape: [4], data: Float32Array.of(0, 1e-30, -1e30, 7) }],
  ['scalar', { shape: [], data: Float32Array.of(42) }]
])

const numpyArchive =
  'UEsDBC0AAAAIAAAAIQDwzTtG//////////8MABQAYS53ZWlnaHQubnB5AQAQALAAAAAAAAAAVwAAAAAAAACb7BfqGxDJyFDGUK2e' +
  'klqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgrGmjoKtQpkAy4GFPDBHspwgFAcUFoASos4AABQ' +
  'SwECLQMtAAAACAAAACEA8M07RlcAAACwAAAADAAAAAAAAAAAAAAAgAEAAAAAYS53ZWlnaHQubnB5UEsFBgAAAAABAAEAOgAAAJUA' +
  'AAAAAA=='

let folder: string
beforeEach(() => {
  folder = temporaryFolder('weights')
})

function put(name: string, bytes: Buffer | string): string {
  const file = join(folder, name)
  writeFileSync(file, bytes)
  return file
}

describe('a weights file', () => {
  it.each([
    ['w.npz', writeNpz(tensors)],
    ['w.safetensors', writeSafetensors(tensors)]
  ])('%s reads back as it was written', async (name, bytes) => {
    const loaded = await loadWeights(put(name, bytes))
    expect([...loaded.tensors]).toEqual([...tensors])
    expect(loaded.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('reads what NumPy itself wrote, packed and in double precision', async () => {
    // numpy.savez_compressed(f, **{'a.weight': numpy.arange(6.).reshape(2, 3)}) under NumPy 2.4.6.
    const packed = Buffer.from(numpyArchive, 'base64')
    const { tensors: loaded } = await loadWeights(put('np.npz', packed))
    expect([...loaded]).toEqual([['a.weight', { shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) }]])
  })

  it('reads columns first as rows first', () => {
    const header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }".padEnd(117) + '\n'
    const head = Buffer.from(`\u0093NUMPY\u0001\u0000${String.fromCharCode(header.length)}\u0000${header}`, 'latin1')
    const columns = Buffer.from(Float32Array.of(1, 4, 2, 5, 3, 6).buffer)
    expect([...readNpy(Buffer.concat([head, columns]), 'w').data]).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('reads half and brain floats', async () => {
    const header = JSON.stringify({
      h: { dtype: 'F16', shape: [3], data_offsets: [0, 6] },
      b: { dtype: 'BF16', shape: [2], data_offsets: [6, 10] },
      __metadata__: { format: 'pt' }
    })
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(header.length))
    // 1.5, -2, 2^-24 in binary16; 1 and -3 in bfloat16.
    const numbers = Buffer.from(Uint16Array.of(0x3e00, 0xc000, 0x0001, 0x3f80, 0xc040).buffer)
    const { tensors: loaded } = await loadWeights(
      put('h.safetensors', Buffer.concat([length, Buffer.from(header), numbers]))
    )
    expect([...(loaded.get('h')?.data ?? [])]).toEqual([1.5, -2, 2 ** -24])
    expect([...(loaded.get('b')?.data ?? [])]).toEqual([1, -3])
  })

  it.each([
    ['safetensors/duplicate-key.safetensors', /"W" is in the header twice/],
    ['safetensors/hole.safetensors', /4 bytes before "B" belong to no tensor/],
    ['safetensors/git-lfs-pointer.safetensors', /Git LFS pointer, not the file/],
    ['pt/model.pt', /save_file\(torch\.load/]
  ])('of another tool, %s, is refused with the sentence that helps', async (name, message) => {
    await expect(loadWeights(join('tests/cases', name))).rejects.toThrow(message)
  })

  it('in the format of safetensors has no overlap, no bytes at its end, and at least one tensor', async () => {
    const file = (header: object, bytes: number): string => {
      const text = Buffer.from(JSON.stringify(header))
      const length = Buffer.alloc(8)
      length.writeBigUInt64LE(BigInt(text.length))
      return put('x.safetensors', Buffer.concat([length, text, Buffer.alloc(bytes)]))
    }
    const at = (...data_offsets: number[]) => ({
      dtype: 'F32',
      shape: [(data_offsets[1] - data_offsets[0]) / 4],
      data_offsets
    })
    await expect(loadWeights(file({ A: at(0, 8), B: at(4, 12) }, 12))).rejects.toThrow(/"B" overlap/)
    await expect(loadWeights(file({ A: at(0, 8) }, 12))).rejects.toThrow(/4 bytes at the end/)
    await expect(loadWeights(file({}, 0))).rejects.toThrow(/no tensor/)
    expect((await loadWeights(file({ B: at(4, 12), A: at(0, 4) }, 12))).tensors.size).toBe(2)
  })

  it.each<[string, string, Buffer | string, string]>([
    ['an archive that is none', 'x.npz', 'PK', 'not a ZIP'],
    ['an archive that climbs', 'x.npz', writeZip(new Map([['../up.npy', Buffer.from('x')]])), '../up.npy'],
    ['an array that is none', 'x.npz', writeZip(new Map([['a.npy', Buffer.from('hello world, hello')]])), '"a"'],
    ['a header that is cut off', 'x.safetensors', Buffer.alloc(9, 255), 'cut off'],
    ['numbers that are cut off', 'x.safetensors', writeSafetensors(tensors).subarray(0, -4), 'do not fit'],
    ['JSON without weights', 'x.json', '{}', 'weights'],
    ['what is no JSON', 'x.json', '{', 'not JSON'],
    ['another kind of file', 'x.h5', '', '.npz']
  ])('refuses %s and names the file', async (_, name, bytes, text) => {
    const file = put(name, bytes)
    await expect(loadWeights(file)).rejects.toMatchObject({
      data: { file, message: expect.stringContaining(text) as string }
    })
  })

  it('is refused when it is not there', async () => {
    await expect(loadWeights(join(folder, 'none.npz'))).rejects.toMatchObject({ data: { code: 'not-found' } })
  })
})

describe('an archive', () => {
  it('is refused when it holds a link or a damaged entry', () => {
    const archive = writeZip(new Map([['a.npy', Buffer.from('content')]]))
    const entry = archive.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))
    const link = Buffer.from(archive)
    link.writeUInt32LE(0xa1ff0000, entry + 38)
    expect(() => [...zipEntries(link)]).toThrow('link')
    const damaged = Buffer.from(archive)
    damaged[archive.indexOf('content')] ^= 1
    expect(() => [...zipEntries(damaged)]).toThrow('damaged')
  })

  it('is refused by the sizes in its directory, before anything is unpacked', () => {
    const bomb = (said: number, entries = 1): Buffer => {
      const packed = deflateRawSync(Buffer.alloc(2 ** 20))
      const archive = writeZip(new Map(Array.from({ length: entries }, (_, i) => [`a${i}.npy`, packed])))
      for (let at = 0; (at = archive.indexOf(Buffer.from([0x50, 0x4b, 1, 2]), at)) >= 0; at++) {
        archive.writeUInt16LE(8, at + 10)
        archive.writeUInt32LE(said, at + 24)
      }
      return archive
    }
    for (const archive of [bomb(2 ** 31), bomb(2 ** 26), bomb(2 ** 20, 64)]) {
      expect(() => zipEntries(archive).next()).toThrow(
        expect.objectContaining({ data: { code: 'too-large', message: expect.any(String) } })
      )
    }
  })

  it('is refused when an entry unpacks to more than it says', () => {
    const archive = writeZip(new Map([['a.npy', deflateRawSync(Buffer.alloc(100_000))]]))
    const entry = archive.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))
    archive.writeUInt16LE(8, entry + 10)
    expect(() => [...zipEntries(archive)]).toThrow('damaged')
  })
})
