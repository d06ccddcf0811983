/** Numbers as files hold them, little-endian, to float32. */

interface Kind {
  bytes: number
  read(view: DataView, at: number): number
}

const kinds: Record<string, Kind> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => half(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => brain(view, at) },
  I64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  I16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  I8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  U8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  BOOL: { bytes: 1, read: (view, at) => view.getUint8(at) }
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

/** bfloat16: the upper half of a float32. */
function brain(view: DataView, at: number): number {
  const word = new DataView(new ArrayBuffer(4))
  word.setUint32(0, view.getUint16(at, true) << 16)
  return word.getFloat32(0)
}

export const isKind = (kind: string): boolean => Object.hasOwn(kinds, kind)
export const bytesPer = (kind: string): number => kinds[kind].bytes

/** `count` numbers, or undefined when the bytes do not suffice. */
export function floats(kind: string, bytes: Buffer, count: number): Float32Array | undefined {
  const { bytes: each, read } = kinds[kind]
  if (count * each > bytes.length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const out = new Float32Array(count)
  for (let i = 0; i < count; i++) out[i] = read(view, i * each)
  return out
}

/** A finite number that became infinite as float32, if there is one. */
export function overflow(kind: string, bytes: Buffer, data: Float32Array): number | undefined {
  if (kind !== 'F64') return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]) && Number.isFinite(view.getFloat64(8 * i, true))) return view.getFloat64(8 * i, true)
  return undefined
}
