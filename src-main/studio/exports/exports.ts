/**
 * Exports: each is made by a thread of its own in a private folder, tells its progress, can be cancelled, and is then
 * read in parts. A file that nobody read is removed after a while, and all of them when the studio closes.
 */
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { ulid } from 'ulid'
import { errorOf, StudioError, toErrorData } from '../../../src-shared/shapes/errors.ts'
import { startThread } from '../threads.ts'
import { tooLarge, type ExportRequest, type ExportTask, type FromExport, type Written } from './task.ts'

const most = {
  /** Exports that are made at once. */
  running: 2,
  /** Files that wait to be read. */
  kept: 8,
  keptMs: 10 * 60_000,
  /** Bytes of one part. */
  part: 4 * 2 ** 20,
  /** Of a thread: what does not fit has to be exported as a table. */
  heapMb: 512
} as const

export interface ExportsDeps {
  dataFolder: string
  version: string
  tell(progress: { id: string; rows: number }): void
  /** Between two progress messages of one export. */
  messageMs?: number
}

interface Export {
  target: string
  worker: Worker | undefined
  end: Promise<Written>
  cancel(): void
}

export class Exports {
  readonly #deps: ExportsDeps
  readonly #exports = new Map<string, Export>()
  #folder: string | undefined

  constructor(deps: ExportsDeps) {
    this.#deps = deps
  }

  /**
   * Begin one. Its end says what was written.
   * @throws StudioError conflict while enough others are made
   */
  start(request: ExportRequest, catalog: ExportTask['catalog']): string {
    const running = [...this.#exports.values()].filter(({ worker }) => worker)
    if (running.length >= most.running)
      throw new StudioError('conflict', `${most.running} exports are being made; wait for one or cancel it.`)
    for (const [old] of [...this.#exports].filter(([, { worker }]) => !worker).slice(0, -most.kept)) this.drop(old)
    this.#folder ??= mkdtempSync(join(tmpdir(), 'engram-export-'))
    const id = ulid()
    const target = join(this.#folder, id)
    const { dataFolder, version } = this.#deps
    const made = this.#make(id, { request, dataFolder, catalog, version, target })
    this.#exports.set(id, made)
    return id
  }

  /** Resolves when the file is whole. @throws StudioError not-found, cancelled, too-large, or what ended it */
  end(id: string): Promise<Written> {
    return this.#known(id).end
  }

  /** The next bytes of a finished export. @throws StudioError not-found, conflict before its end */
  read(id: string, offset: number): Buffer {
    const { worker, target } = this.#known(id)
    if (worker) throw new StudioError('conflict', 'This export is not finished.')
    if (!existsSync(target)) throw new StudioError('not-found', 'This export did not end with a file.')
    const file = openSync(target, 'r')
    try {
      const part = Buffer.alloc(most.part)
      return part.subarray(0, readSync(file, part, 0, part.length, offset))
    } finally {
      closeSync(file)
    }
  }

  /** Cancel it, or remove its file when it was read. */
  drop(id: string): void {
    const found = this.#exports.get(id)
    this.#exports.delete(id)
    found?.cancel()
    if (found) rmSync(found.target, { force: true })
  }

  close(): void {
    for (const id of [...this.#exports.keys()]) this.drop(id)
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  #known(id: string): Export {
    const found = this.#exports.get(id)
    if (!found) throw new StudioError('not-found', 'There is no such export any more; make it again.', { field: 'id' })
    return found
  }

  #make(id: string, task: ExportTask): Export {
    const worker = startThread('exporter', task, most.heapMb)
    const { tell, messageMs = 100 } = this.#deps
    let [told, cancelled] = [0, false]
    let last: Exclude<FromExport, { rows: number }> | undefined
    const end = new Promise<Written>((resolve, reject) => {
      worker.on('message', (message: FromExport) => {
        if (!('rows' in message)) last = message
        else if (performance.now() - told >= messageMs) {
          told = performance.now()
          tell({ id, rows: message.rows })
        }
      })
      worker.on('error', (error: NodeJS.ErrnoException) =>
        reject(errorOf(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge : toErrorData(error)))
      )
      worker.once('exit', () => {
        made.worker = undefined
        if (cancelled || !last) reject(new StudioError('cancelled', 'This export was cancelled.'))
        else if ('written' in last) resolve(last.written)
        else reject(errorOf(last.error))
        if (cancelled) rmSync(task.target, { force: true })
        setTimeout(() => this.#exports.get(id) === made && this.drop(id), most.keptMs).unref()
      })
    })
    // Nobody has to wait for the end.
    end.catch(() => rmSync(task.target, { force: true }))
    const made: Export = {
      target: task.target,
      worker,
      end,
      cancel() {
        cancelled = true
        void worker.terminate()
      }
    }
    return made
  }
}
