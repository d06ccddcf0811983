/** Files of runs and reports: made by the studio while a message says how far it is, then handed to the user. */
import type { CallInput } from '../../src-shared/contract/index.ts'
import { ask } from './ask.ts'
import { fromBase64 } from './base64.ts'
import { bridge } from './bridge.ts'
import { notify } from './notify.svelte.ts'
import { saveFile } from './save.ts'

/** Export and save; says so when it is refused. */
export const saveExport = (request: CallInput<'exports.start'>): Promise<boolean> =>
  notify.attempt(async () => {
    const { id } = await ask('exports.start', request)
    const drop = (): Promise<unknown> => ask('exports.drop', { id })
    await notify.during('Exporting…', drop, async (say) => {
      const stop = bridge.on('export.progress', (progress) => {
        if (progress.id === id) say(`Exporting: ${progress.rows.toLocaleString('en')} rows…`)
      })
      try {
        const { name, mime, bytes } = await ask('exports.end', { id })
        const parts: Blob[] = []
        for (let offset = 0; offset < bytes;) {
          const part = fromBase64((await ask('exports.read', { id, offset })).content, mime)
          parts.push(part)
          offset += part.size
        }
        saveFile(name, new Blob(parts, { type: mime }))
        void drop()
      } finally {
        stop()
      }
    })
  })
