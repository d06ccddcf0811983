/**
 * Frames between the studio and the bridge: a little-endian u32 (the length of the header), a header in JSON, then the
 * arrays that it lists, raw and little-endian. resources/python/engram_bridge.py speaks the same.
 */
import { endianness } from 'node:os'
import { z } from 'zod'
import { StudioError } from '../../../src-shared/shapes/errors.ts'

export interface NamedArray {
  name: string
  shape: readonly number[]
  data: Float32Array | Int32Array
}

export interface Frame {
  header: Record<string, unknown>
  arrays: NamedArray[]
}

/** No answer of a model is larger. */
const mostBytes = 2 ** 31
const longestHeader = 2 ** 26

const headerSchema = z.looseObject({
  arrays: z.array(z.object({ name: z.string(), dtype: z.enum(['float32', 'int32']), shape: z.array(z.int().min(0)) }))
})

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Numbers in the other order where this machine's is big-endian. */
function littleEndian(bytes: Buffer): Buffer {
  return endianness() === 'BE' ? Buffer.from(bytes).swap32() : bytes
}

/** The parts of a frame, to be written one after the other. */
export function encode({ header, arrays }: Frame): Buffer[] {
  const listed = arrays.map(({ name, shape, data }) => ({
    name,
    shape,
    dtype: data instanceof Int32Array ? 'int32' : 'float32'
  }))
  const text = Buffer.from(JSON.stringify({ ...header, arrays: listed }))
  const start = Buffer.alloc(4)
  start.writeUInt32LE(text.length)
  return [
    Buffer.concat([start, text]),
    ...arrays.map(({ data }) => littleEndian(Buffer.from(data.buffer, data.byteOffset, data.byteLength)))
  ]
}

/** Takes bytes as they come and gives frames. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void
  #header: z.infer<typeof headerSchema> | undefined
  /** What is read next: the length, a header, or the arrays of one. */
  #need = 4
  #stage: 'length' | 'header' | 'arrays' = 'length'
  #target = Buffer.alloc(4)
  #have = 0

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame
  }

  /** @throws StudioError model-failed for bytes that are no frame */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      const count = Math.min(this.#need - this.#have, chunk.length - at)
      chunk.copy(this.#target, this.#have, at, at + count)
      this.#have += count
      at += count
      while (this.#have === this.#need) this.#next()
    }
  }

  #expect(stage: 'length' | 'header' | 'arrays', bytes: number): void {
    const most = stage === 'header' ? longestHeader : mostBytes
    if (bytes > most)
      throw new StudioError('too-large', `Python sent ${bytes} bytes at once; at most ${most} can be taken.`)
    this.#stage = stage
    this.#need = bytes
    this.#have = 0
    // Not from the pool: arrays are views of it.
    this.#target = Buffer.from(new ArrayBuffer(bytes))
  }

  #next(): void {
    const bytes = this.#target
    switch (this.#stage) {
      case 'length':
        return this.#expect('header', bytes.readUInt32LE())
      case 'header':
        this.#header = headerOf(bytes)
        return this.#expect('arrays', 4 * this.#header.arrays.reduce((sum, { shape }) => sum + sizeOf(shape), 0))
      case 'arrays': {
        const { arrays: listed, ...header } = this.#header!
        const { buffer } = littleEndian(bytes)
        let offset = 0
        const arrays = listed.map(({ name, dtype, shape }): NamedArray => {
          const size = sizeOf(shape)
          const data = new (dtype === 'int32' ? Int32Array : Float32Array)(buffer as ArrayBuffer, offset, size)
          offset += 4 * size
          return { name, shape, data }
        })
        this.#expect('length', 4)
        this.#onFrame({ header, arrays })
      }
    }
  }
}

function headerOf(bytes: Buffer): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(bytes.toString('utf8')))
  } catch {
    throw new StudioError('model-failed', 'What Python sent is no frame of the bridge.')
  }
}
