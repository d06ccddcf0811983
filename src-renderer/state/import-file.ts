import type { ImportReport } from '../../src-shared/contract/files.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { ask } from './ask.ts'
import { base64 } from './base64.ts'

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
