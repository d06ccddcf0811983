/** The studio as a command uses it: opened in a data folder, asked through the contract, closed again. */
import type { CallInput, CallName, CallOutput } from '../../../src-shared/contract/index.ts'
import type { Progress, RunStatus } from '../../../src-shared/shapes/run.ts'
import { errorOf } from '../../../src-shared/shapes/errors.ts'
import { startEngine } from '../../engine/process/launch.ts'
import { createStudio, type Studio } from '../../studio/studio.ts'
import { dispatch } from '../dispatch.ts'
import { ownCode, type OwnCode } from '../own-code.ts'
import { plain } from './text.ts'
import { keepUnsaved } from './unsaved.ts'

const ended: readonly RunStatus[] = ['done', 'failed', 'cancelled', 'interrupted']

export interface Session {
  /** @throws StudioError what the studio answered */
  ask<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>
  store: Studio['store']
  gather: Studio['gather']
  batches: Studio['batches']
  /** Resolves with the last progress of a run once it has ended. */
  runEnd(id: string, onProgress: (progress: Progress) => void): Promise<Progress>
}

/**
 * Open the studio, use it, and close it whatever happens.
 * @param access `look`: change nothing, and get in also while another studio has the folder open
 * @param more the user's own code, in place of what the studio keeps; `unsaved`: folder for what cannot be stored
 */
export async function withStudio<T>(
  dataFolder: string,
  access: 'look' | 'change',
  use: (session: Session) => Promise<T>,
  more: OwnCode & { unsaved?: string | undefined; queue?: string | undefined } = {}
): Promise<T> {
  const latest = new Map<string, Progress>()
  let hear: (progress: Progress) => void = () => {}
  const studio = await createStudio({
    dataFolder,
    host: 'cli',
    ...ownCode(more),
    ...(more.queue !== undefined && { queue: more.queue }),
    readOnly: access === 'look',
    startEngine: startEngine,
    emit(name, data) {
      if (name !== 'run.progress') return
      const progress = data as Progress
      latest.set(progress.runId, progress)
      hear(progress)
    }
  })
  if (studio.notice !== undefined) say(studio.notice)
  try {
    return await use({
      async ask<N extends CallName>(name: N, input: CallInput<N>) {
        const result = await dispatch(studio.handlers, name, input)
        if (!result.ok) throw errorOf(result.error)
        return result.value as CallOutput<N>
      },
      store: studio.store,
      gather: studio.gather,
      batches: studio.batches,
      runEnd: (id, onProgress) =>
        new Promise((resolve) => {
          hear = (progress) => {
            if (progress.runId !== id) return
            onProgress(progress)
            if (ended.includes(progress.status)) resolve(progress)
          }
          const now = latest.get(id)
          if (now) hear(now)
        })
    })
  } finally {
    const { notice, unsaved } = await studio.close()
    if (notice !== undefined) say(notice)
    await keepUnsaved(unsaved, more.unsaved)
  }
}

const say = (sentence: string): void => void process.stderr.write(`${plain(sentence)}\n`)
