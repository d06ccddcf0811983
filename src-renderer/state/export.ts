/** Files of runs and reports: made by the studio while a message says how far it is, then handed to the user. */
import type { CallInput } from '../../src-shared/contract/index.ts'
import { ask } from './ask.ts'
import { fromBase64 } from './base64.ts'
import { bridge } from './bridge.ts'
import { notify } from './notify.svelte.ts'
import { saveFile } from './save.ts'

/** An export that takes longer than this is told of. */
const patienceMs = 1000

/** Export and save; says so when it is refused. */
export const saveExport = (request: CallInput<'exports.start'>): Promise<boolean> =>
  notify.attempt(async () => {
    const { id } = await ask('exports.start', request)
    let cancelled = false
    const cancel = (): void => {
      cancelled = true
      void ask('exports.drop', { id })
    }
    let message: ReturnType<typeof notify.working> | undefined
    const timer = setTimeout(
      () => (message = notify.working('Exporting…', { label: 'Cancel', run: cancel })),
      patienceMs
    )
    const stop = bridge.on('export.progress', (progress) => {
      if (progress.id === id) message?.say(`Exporting: ${progress.rows.toLocaleString('en')} rows…`)
    })
    try {
      const { name, mime, bytes } = await ask('exports.end', { id })
      const parts: Blob[] = []
      for (let offset = 0; offset < bytes && !cancelled;) {
        const part = fromBase64((await ask('exports.read', { id, offset })).content, mime)
        parts.push(part)
        offset += part.size
      }
      if (cancelled) return
      saveFile(name, new Blob(parts, { type: mime }))
      void ask('exports.drop', { id })
    } catch (error) {
      if (!cancelled) throw error
    } finally {
      clearTimeout(timer)
      stop()
      message?.close()
    }
  })
