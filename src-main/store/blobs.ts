/** Numbers as bytes, little-endian wherever the file is read: x as float64, y as float32. */

export function packDoubles(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 8)
  for (let i = 0; i < values.length; i++) bytes.writeDoubleLE(values[i], i * 8)
  return bytes
}

export function packFloats(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4)
  for (let i = 0; i < values.length; i++) bytes.writeFloatLE(values[i], i * 4)
  return bytes
}

export const unpackDoubles = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8))

/** NaN and infinities come back as null: JSON and the charts know no others. */
export const unpackFloats = (bytes: Buffer): (number | null)[] =>
  Array.from({ length: bytes.length / 4 }, (_, i) => {
    const value = bytes.readFloatLE(i * 4)
    return Number.isFinite(value) ? value : null
  })
