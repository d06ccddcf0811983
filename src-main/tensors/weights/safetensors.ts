/** Safetensors: the length of a JSON header, the header, the numbers. */
import { z } from 'zod'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { NamedTensor, NamedTensors } from './named-tensor.ts'
import { bytesPer, floats, isKind, overflow } from './floats.ts'

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)])
})

/** The length of a header that fits into the file, and the header, which is a JSON object. */
export const isSafetensors = (bytes: Buffer): boolean =>
  bytes.length >= 10 && bytes[8] === 0x7b && bytes.readBigUInt64LE(0) <= BigInt(bytes.length - 8)

/** @throws StudioError bad-file that names the tensor */
export function readSafetensors(bytes: Buffer): NamedTensors {
  const refuse = (message: string, field?: string): never => {
    throw new StudioError('bad-file', message, { field })
  }
  const length = bytes.length < 8 ? Infinity : Number(bytes.readBigUInt64LE(0))
  if (length > bytes.length - 8) return refuse('This is not a .safetensors file: its header is cut off.')
  let header: Record<string, unknown>
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length))
    header = z.record(z.string(), z.unknown()).parse(JSON.parse(text))
    const twice = repeatedKey(text)
    if (twice !== undefined) return refuse(`The tensor "${twice}" is in the header twice.`, twice)
  } catch (error) {
    if (error instanceof StudioError) throw error
    return refuse('This is not a .safetensors file: its header is not JSON.')
  }
  const body = bytes.subarray(8 + length)
  const tensors = new Map<string, NamedTensor>()
  const spans: { name: string; start: number; end: number }[] = []
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
    const data = floats(dtype, body.subarray(start, end), count) as Float32Array
    const big = overflow(dtype, body.subarray(start, end), data)
    if (big !== undefined) return refuse(`"${name}" holds ${big}, which does not fit float32.`, name)
    spans.push({ name, start, end })
    tensors.set(name, { shape, data })
  }
  // The format leaves no byte without an owner and none with two.
  let at = 0
  for (const { name, start, end } of spans.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) return refuse(`The numbers of "${name}" overlap those of another tensor.`, name)
    if (start > at) return refuse(`${start - at} bytes before "${name}" belong to no tensor.`, name)
    at = end
  }
  if (at !== body.length) return refuse(`${body.length - at} bytes at the end belong to no tensor.`)
  return tensors
}

/** A key that the outermost object of a JSON text has twice: JSON.parse keeps only the last. */
function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>()
  let depth = 0
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 && /^\s*:/.test(text.slice(index + token.length, index + token.length + 100))) {
      const key = JSON.parse(token) as string
      if (seen.has(key)) return key
      seen.add(key)
    }
  }
  return undefined
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
