import type { ImportReport } from '../../src-shared/contract/files.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { plural } from '../../src-shared/text/numbers.ts'
import { ask } from './ask.ts'
import { base64 } from './base64.ts'
import { bridge } from './bridge.ts'
import { notify } from './notify.svelte.ts'

/** As much of a file as one call carries. */
const partBytes = 3 * 1024 * 1024

/**
 * Hand a file to the studio, part by part, and wait until it is taken in.
 * @returns undefined when it was given up
 * @throws StudioError what is wrong with the file
 */
export function importFile(file: File): Promise<ImportReport | undefined> {
  const upload = crypto.randomUUID()
  const giveUp = (): Promise<unknown> => ask('exchange.cancel', { upload })
  return notify.during(`Importing ${file.name}…`, giveUp, async (say) => {
    const stop = bridge.on('import.progress', ({ upload: its, done, total }) => {
      if (its === upload && total) say(`Importing ${file.name}: ${done} of ${plural(total, 'trial')}…`)
    })
    try {
      for (let from = 0; ; from += partBytes) {
        const more = from + partBytes < file.size
        const part = await base64(file.slice(from, from + partBytes))
        const report = await ask('exchange.import', { upload, name: file.name, part, more })
        if (report) return report
        if (!more) throw new StudioError('internal', 'The studio waits for more of this file than there is.')
      }
    } finally {
      stop()
    }
  })
}
