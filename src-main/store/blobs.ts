/** Numbers as bytes, little-endian wherever the file is read: x as float64, y as float32 where that changes no value. */

export function packDoubles(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 8)
  for (let i = 0; i < values.length; i++) bytes.writeDoubleLE(values[i], i * 8)
  return bytes
}

export const unpackDoubles = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8))

/** Of models, whose numbers are float32, half the bytes; of what else was measured, every bit. */
export function packValues(values: readonly number[]): Buffer {
  if (!values.every((value) => Number.isNaN(value) || Math.fround(value) === value)) return packDoubles(values)
  const bytes = Buffer.allocUnsafe(values.length * 4)
  for (let i = 0; i < values.length; i++) bytes.writeFloatLE(values[i], i * 4)
  return bytes
}

/**
 * NaN and infinities come back as null: JSON and the charts know no others.
 * @param count how many there are: which of the two forms it is, its length says
 */
export function unpackValues(bytes: Buffer, count: number): (number | null)[] {
  const wide = bytes.length === 8 * count
  return Array.from({ length: count }, (_, i) => {
    const value = wide ? bytes.readDoubleLE(i * 8) : bytes.readFloatLE(i * 4)
    return Number.isFinite(value) ? value : null
  })
}
