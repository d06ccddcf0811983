/** Just enough of ZIP for .npz: entries stored or deflated, read in memory, never written to disk by their name. */
import { crc32, inflateRawSync } from 'node:zlib'
import { StudioError } from '../../../src-shared/shapes/errors.ts'

const most = {
  /** What an archive may unpack to. */
  bytes: 2 ** 30,
  /** Weights do not shrink much: what unpacks to more than this for each of its bytes was made to fill the memory. */
  ratio: 100,
  /** Below this no ratio is looked at: arrays of zeros are common. */
  small: 32 * 2 ** 20
} as const
const symbolicLink = 0xa000

const refuse = (message: string): never => {
  throw new StudioError('bad-file', message)
}

interface Entry {
  name: string
  /** As an error calls it. */
  called: string
  method: number
  checksum: number
  size: number
  raw: Buffer
}

/**
 * Every file of an archive with its name, one unpacked after the other. The sizes that the directory gives are checked
 * before anything is unpacked, and nothing unpacks to more than it says.
 * @throws StudioError bad-file for links, `..`, absolute names, encryption, other methods, or a checksum that differs;
 *   too-large for more than 1 GiB, or for more than a hundred times the archive's size
 */
export function* zipEntries(archive: Buffer): Generator<[name: string, bytes: Buffer]> {
  let entries: Entry[]
  try {
    entries = readDirectory(archive)
  } catch (error) {
    if (error instanceof StudioError) throw error
    return refuse(`The archive is damaged: ${(error as Error).message}.`)
  }
  refuseLarge(entries, archive.length)
  for (const { name, called, method, checksum, size, raw } of entries) {
    let bytes: Buffer
    try {
      bytes = method === 0 ? raw : inflateRawSync(raw, { maxOutputLength: Math.max(1, size) })
    } catch (error) {
      return refuse(`${called} is damaged: ${(error as Error).message}.`)
    }
    if (bytes.length !== size || crc32(bytes) !== checksum) refuse(`${called} is damaged.`)
    yield [name, bytes]
  }
}

function readDirectory(archive: Buffer): Entry[] {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  if (end < 0 || end + 22 > archive.length) return refuse('This is not a ZIP archive.')
  const count = archive.readUInt16LE(end + 10)
  let at = archive.readUInt32LE(end + 16)
  const entries: Entry[] = []
  for (let i = 0; i < count; i++) {
    if (archive.readUInt32LE(at) !== 0x02014b50) refuse('The directory of the archive is damaged.')
    const [flags, method] = [archive.readUInt16LE(at + 8), archive.readUInt16LE(at + 10)]
    const [checksum, packed, size] = [16, 20, 24].map((offset) => archive.readUInt32LE(at + offset))
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset))
    const mode = archive.readUInt32LE(at + 38) >>> 16
    const local = archive.readUInt32LE(at + 42)
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength)
    at += 46 + nameLength + extra + comment
    // A damaged directory calls anything a name: no error shows other bytes of the file.
    const called = /^[\w./\- ]{1,100}$/.test(name)
      ? `The file "${name}" in the archive`
      : `File ${i + 1} of the archive`
    if (name.endsWith('/')) continue
    if ((mode & 0xf000) === symbolicLink) refuse(`${called} is a link.`)
    if (/^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)/i.test(name))
      refuse(`${called} is a path that leads out of the archive.`)
    if (flags & 1) refuse(`${called} is encrypted.`)
    if (method !== 0 && method !== 8) refuse(`${called} is packed by a method that is not supported.`)
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
    entries.push({ name, called, method, checksum, size, raw: archive.subarray(start, start + packed) })
  }
  return entries
}

function refuseLarge(entries: readonly Entry[], archiveBytes: number): void {
  const total = entries.reduce((sum, { size }) => sum + size, 0)
  if (total > most.bytes) throw new StudioError('too-large', 'The archive unpacks to more than 1 GiB.')
  if (total > most.small && total > most.ratio * archiveBytes)
    throw new StudioError('too-large', `The archive unpacks to more than ${most.ratio} times its size; no weights do.`)
}

/** An archive of stored files. */
export function writeZip(files: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, bytes] of files) {
    const title = Buffer.from(name, 'utf8')
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x21, 8) // 1 January 1980
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(bytes.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(title.length, 22)
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), common, title, bytes])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), common, tail, title]))
    parts.push(local)
    offset += local.length
  }
  const size = directory.reduce((sum, entry) => sum + entry.length, 0)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.size, 8)
  end.writeUInt16LE(files.size, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...directory, end])
}
