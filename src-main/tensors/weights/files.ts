/** Weights files: .npz, .safetensors and the JSON of fixtures, by PyTorch's state_dict names. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { z } from 'zod'
import { errorOf, StudioError } from '../../../src-shared/shapes/errors.ts'
import { complaint } from '../../../src-shared/shapes/issues.ts'
import { parseJson } from '../../../src-shared/shapes/json.ts'
import { textOf } from '../../../src-shared/text/read.ts'
import { reasonOf } from '../backends/backend.ts'
import type { NamedTensor, NamedTensors } from './named-tensor.ts'
import { readNpy, writeNpy } from './npy.ts'
import { isSafetensors, readSafetensors, writeSafetensors } from './safetensors.ts'
import { writeZip, zipEntries } from './zip.ts'

/** Weights read from a file, with the hash of its bytes and its name. */
export interface LoadedWeights {
  tensors: NamedTensors
  hash: string
  file: string
}

export { writeSafetensors }

const maxBytes = 2 ** 31 - 1

const tensorSchema = z.object({ shape: z.array(z.int().min(0)), data: z.array(z.number()) })
const fileSchema = z.object({ weights: z.record(z.string(), z.unknown()) })

/**
 * A tensor as JSON writes it.
 * @throws StudioError bad-file that names the field
 */
export function tensorFromJson(json: unknown, field: string): NamedTensor {
  const parsed = tensorSchema.safeParse(json)
  if (!parsed.success) {
    const { message, field: at } = complaint(parsed.error, json)
    throw new StudioError('bad-file', `A tensor is {shape, data} of finite numbers: ${message}`, {
      field: [field, at].filter(Boolean).join('.')
    })
  }
  const { shape, data } = parsed.data
  const count = shape.reduce((a, b) => a * b, 1)
  if (data.length !== count)
    throw new StudioError('bad-file', `Shape [${shape.join(', ')}] needs ${count} numbers; there are ${data.length}.`, {
      field
    })
  return { shape, data: Float32Array.from(data) }
}

/**
 * The weights of a fixture's JSON.
 * @throws StudioError bad-file that names the field
 */
export function weightsFromJson(json: unknown): NamedTensors {
  const parsed = fileSchema.safeParse(json)
  if (!parsed.success)
    throw new StudioError('bad-file', 'A weights file in JSON holds {"weights": {name: {shape, data}}}.', {
      field: 'weights'
    })
  return new Map(
    Object.entries(parsed.data.weights).map(([name, tensor]) => [name, tensorFromJson(tensor, `weights.${name}`)])
  )
}

function readNpz(bytes: Buffer): NamedTensors {
  const tensors = new Map<string, NamedTensor>()
  for (const [file, content] of zipEntries(bytes)) {
    const name = file.replace(/\.npy$/, '')
    tensors.set(name, readNpy(content, name))
  }
  return tensors
}

/** An .npz of float32 arrays. */
export function writeNpz(tensors: NamedTensors): Buffer {
  return writeZip(new Map([...tensors].map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)])))
}

/** What every weights file's name ends with. */
export type WeightsExtension = '.npz' | '.safetensors' | '.json'

const begins = (bytes: Buffer, text: string): boolean => bytes.toString('latin1', 0, text.length) === text

/**
 * What a file is by its first bytes, and by its name where these tell nothing.
 * @throws StudioError not-supported, with how to convert it, for what cannot be read; bad-file for what is no file of weights
 */
function formOf(bytes: Buffer, name: string): WeightsExtension {
  const refuse = (message: string): never => {
    throw new StudioError('not-supported', message)
  }
  const extension = (extname(name) || name).toLowerCase()
  const isTorch = ['.pt', '.pth', '.ckpt', '.bin'].includes(extension) && !begins(bytes, '{')
  const isZip = begins(bytes, 'PK')
  if (begins(bytes, 'version https://git-lfs.github.com/'))
    throw new StudioError('bad-file', 'This is a Git LFS pointer, not the file itself; fetch it with: git lfs pull')
  if (begins(bytes, '\x93NUMPY'))
    return refuse('One array has no name; save all weights with their names: numpy.savez("model.npz", **state_dict)')
  if (begins(bytes, '\x89HDF'))
    return refuse('This is HDF5, as Keras writes it; save its arrays by name: numpy.savez("model.npz", **arrays)')
  if (isSafetensors(bytes)) return '.safetensors'
  if (isTorch || (isZip && bytes.includes('data.pkl')) || (bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5))
    return refuse(
      'PyTorch’s own files run code when they are read. Convert it once: from safetensors.torch import save_file; save_file(torch.load("model.pt", weights_only=True), "model.safetensors")'
    )
  if (isZip || extension === '.npz') return '.npz'
  if (extension === '.safetensors') return '.safetensors'
  if (/^\s*\{/.test(bytes.toString('latin1', 0, 200)) || extension === '.json') return '.json'
  return refuse('Weights are read from .npz, .safetensors and fixture .json files.')
}

const readers: Record<WeightsExtension, (bytes: Buffer) => NamedTensors> = {
  '.npz': readNpz,
  '.safetensors': readSafetensors,
  '.json': (bytes) => weightsFromJson(parseJson(textOf(bytes)))
}

/**
 * Read the bytes of a weights file.
 * @param name its name, or how that ends
 * @throws StudioError bad-file, not-supported
 */
export function readWeights(
  bytes: Buffer,
  name: string
): Omit<LoadedWeights, 'file'> & { extension: WeightsExtension } {
  const extension = formOf(bytes, name)
  const tensors = readers[extension](bytes)
  if (tensors.size === 0) throw new StudioError('bad-file', 'There is no tensor in this file.')
  return { extension, tensors, hash: createHash('sha256').update(bytes).digest('hex') }
}

/**
 * Read a weights file.
 * @throws StudioError bad-file, not-found, too-large, not-supported; each names the file
 */
export async function loadWeights(file: string): Promise<LoadedWeights> {
  try {
    if ((await stat(file)).size > maxBytes)
      throw new StudioError('too-large', 'A weights file may hold at most 2 GiB.', { file })
    return { file, ...readWeights(await readFile(file), extname(file)) }
  } catch (error) {
    if (error instanceof StudioError) throw errorOf(error.data, { file })
    throw new StudioError('not-found', `The weights file cannot be read: ${reasonOf(error)}.`, { file })
  }
}
