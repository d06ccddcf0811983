import type { ImportReport } from '../../../src-shared/contract/files.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { ask } from '../../state/ask.ts'

/** As much of a file as one call carries. */
const partBytes = 3 * 1024 * 1024

/**
 * Hand a file to the studio, part by part.
 * @throws StudioError what is wrong with the file
 */
export async function importFile(file: File): Promise<ImportReport> {
  const upload = crypto.randomUUID()
  for (let from = 0; ; from += partBytes) {
    const more = from + partBytes < file.size
    const part = await base64(file.slice(from, from + partBytes))
    const report = await ask('exchange.import', { upload, name: file.name, part, more })
    if (report) return report
    if (!more) throw new StudioError('internal', 'The studio waits for more of this file than there is.')
  }
}

async function base64(part: Blob): Promise<string> {
  const bytes = new Uint8Array(await part.arrayBuffer())
  let text = ''
  // One call may not have an argument for every byte.
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(text)
}
