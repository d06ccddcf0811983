/** NumPy's .npy: a header in Python's notation, then the numbers. */
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { NamedTensor } from './named-tensor.ts'
import { floats, overflow } from './floats.ts'

const magic = '\u0093NUMPY'
const kinds: Record<string, string> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  i8: 'I64',
  i4: 'I32',
  i2: 'I16',
  i1: 'I8',
  u1: 'U8',
  b1: 'U8'
}

/** @throws StudioError bad-file that says what is wrong */
export function readNpy(bytes: Buffer, name: string): NamedTensor {
  const refuse = (message: string): never => {
    throw new StudioError('bad-file', `The array "${name}" ${message}.`, { field: name })
  }
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== magic) return refuse('is not a .npy array')
  const wide = bytes[6] >= 2
  const start = wide ? 12 : 10
  const end = start + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8))
  const header = bytes.toString('latin1', start, Math.min(end, start + 4096))
  if (/'descr'\s*:\s*'\|O'/.test(header))
    return refuse('holds Python objects; save numbers: np.save(file, array.astype("float32"))')
  const fields = /'descr'\s*:\s*\[(.*?)\]/.exec(header)
  if (fields) {
    const names = [...fields[1].matchAll(/\('([^']*)'/g)].map(([, field]) => field)
    return refuse(
      `has fields (${names.join(', ')}); save plain numbers: np.save(file, np.lib.recfunctions.structured_to_unstructured(array).astype("float32"))`
    )
  }
  const descr = /'descr'\s*:\s*'([<>|=]?)([a-z]\d+)'/.exec(header)
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)
  const sizes = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(header)
  if (!descr || !fortran || !sizes) return refuse('has a header that is not understood')
  const kind = kinds[descr[2]]
  if (!kind || descr[1] === '>') return refuse(`has the type ${descr[1]}${descr[2]}; save it as float32`)
  const shape = sizes[1]
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => parseInt(part, 10))
  const count = shape.reduce((a, b) => a * b, 1)
  if (!Number.isSafeInteger(count)) return refuse('has a shape that is not understood')
  const body = bytes.subarray(end)
  const data = floats(kind, body, count) ?? refuse('is shorter than its shape')
  const big = overflow(kind, body, data)
  if (big !== undefined) return refuse(`holds ${big}, which does not fit float32`)
  return { shape, data: fortran[1] === 'True' ? fromColumns(data, shape) : data }
}

/** Column-major order to row-major. */
function fromColumns(data: Float32Array, shape: readonly number[]): Float32Array {
  const out = new Float32Array(data.length)
  const index = shape.map(() => 0)
  for (let i = 0; i < out.length; i++) {
    let [from, stride] = [0, 1]
    for (const [axis, size] of shape.entries()) {
      from += index[axis] * stride
      stride *= size
    }
    out[i] = data[from]
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0
  }
  return out
}

/** Version 1.0, little-endian float32, row-major. */
export function writeNpy({ shape, data }: NamedTensor): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`
  const padded = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`
  const head = Buffer.from(`${magic}\u0001\u0000\u0000\u0000${padded}`, 'latin1')
  head.writeUInt16LE(padded.length, 8)
  return Buffer.concat([head, Buffer.from(data.buffer, data.byteOffset, data.byteLength)])
}
