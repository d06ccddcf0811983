/** Safetensors: the length of a JSON header, the header, the numbers. */
import { z } from 'zod'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { NamedTensor, NamedTensors } from './named-tensor.ts'
import { bytesPer, floats, isKind } from './floats.ts'

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)])
})

/** @throws StudioError bad-file that names the tensor */
export function readSafetensors(bytes: Buffer): NamedTensors {
  const refuse = (message: string, field?: string): never => {
    throw new StudioError('bad-file', message, { field })
  }
  const length = bytes.length < 8 ? Infinity : Number(bytes.readBigUInt64LE(0))
  if (length > bytes.length - 8) return refuse('This is not a .safetensors file: its header is cut off.')
  let header: Record<string, unknown>
  try {
    header = z.record(z.string(), z.unknown()).parse(JSON.parse(bytes.toString('utf8', 8, 8 + length)))
  } catch {
    return refuse('This is not a .safetensors file: its header is not JSON.')
  }
  const body = bytes.subarray(8 + length)
  const tensors = new Map<string, NamedTensor>()
  for (const [name, raw] of Object.entries(header)) {
    if (name === '__metadata__') continue
    const entry = entrySchema.safeParse(raw)
    if (!entry.success) return refuse(`The entry "${name}" is not understood.`, name)
    const { dtype, shape } = entry.data
    const [start, end] = entry.data.data_offsets
    if (!isKind(dtype)) return refuse(`"${name}" has the type ${dtype}, which is not supported.`, name)
    const count = shape.reduce((a, b) => a * b, 1)
    if (end > body.length || end - start !== count * bytesPer(dtype))
      return refuse(`The numbers of "${name}" do not fit its shape.`, name)
    tensors.set(name, { shape, data: floats(dtype, body.subarray(start, end), count) as Float32Array })
  }
  return tensors
}

/** Float32, in the order of the map; the header is padded to 8 bytes. */
export function writeSafetensors(tensors: NamedTensors): Buffer {
  let offset = 0
  const entries = [...tensors].map(([name, { shape, data }]): [string, unknown] => {
    const start = offset
    offset += data.byteLength
    return [name, { dtype: 'F32', shape, data_offsets: [start, offset] }]
  })
  const text = JSON.stringify(Object.fromEntries(entries))
  const header = Buffer.from(text, 'utf8')
  const padded = Buffer.concat([header, Buffer.alloc((8 - (header.length % 8)) % 8, ' ')])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  const numbers = [...tensors.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  return Buffer.concat([length, padded, ...numbers])
}
