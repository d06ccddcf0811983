import { describe, expect, it } from 'vitest'
import { encode, FrameReader, type Frame } from '../../../../src-main/engine/python/frames.ts'

const frame: Frame = {
  header: { op: 'store', text: 'größer' },
  arrays: [
    { name: 'keys', shape: [2, 3], data: Float32Array.of(1, -0, 3.5, NaN, Infinity, 1e-40) },
    { name: 'none', shape: [0, 4], data: new Float32Array() },
    { name: 'tokens', shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) }
  ]
}

function readIn(bytes: Buffer, piece: number): Frame[] {
  const found: Frame[] = []
  const reader = new FrameReader((each) => found.push(each))
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece))
  return found
}

describe('frames', () => {
  it('come back as they were, however the bytes are cut, one after the other', () => {
    const bytes = Buffer.concat([...encode(frame), ...encode({ header: { last: true }, arrays: [] })])
    for (const piece of [1, 3, 7, bytes.length]) {
      const found = readIn(bytes, piece)
      expect(found).toEqual([frame, { header: { last: true }, arrays: [] }])
      expect(Object.is(found[0].arrays[0].data[1], -0)).toBe(true)
    }
  })

  it('begin with the little-endian length of a header in JSON that lists the arrays', () => {
    const [start, ...arrays] = encode({
      header: { a: 1 },
      arrays: [{ name: 'x', shape: [1], data: Float32Array.of(1) }]
    })
    const text = '{"a":1,"arrays":[{"name":"x","shape":[1],"dtype":"float32"}]}'
    expect(start.toString('latin1')).toBe(String.fromCharCode(text.length, 0, 0, 0) + text)
    expect(arrays.map((part) => [...part])).toEqual([[0, 0, 0x80, 0x3f]])
  })

  it('are refused when they are none, or too large to be taken', () => {
    const header = (text: string): Buffer => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(text.length)
      return Buffer.concat([length, Buffer.from(text)])
    }
    expect(() => readIn(header('hello'), 9)).toThrow('no frame')
    expect(() => readIn(header('{"arrays":[{"name":"x","dtype":"float64","shape":[1]}]}'), 99)).toThrow('no frame')
    expect(() => readIn(header('{"arrays":[{"name":"x","dtype":"float32","shape":[-1]}]}'), 99)).toThrow('no frame')
    expect(() => readIn(header('{"arrays":[{"name":"x","dtype":"float32","shape":[999999999]}]}'), 99)).toThrow(
      'bytes at once'
    )
    expect(() => readIn(Buffer.from('<html>'), 9)).toThrow('bytes at once')
  })
})
