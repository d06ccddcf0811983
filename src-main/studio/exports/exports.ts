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
import { isTableFormat } from '../../../src-shared/shapes/exported-file.ts'
import { Jobs, type JobDocument } from '../jobs/jobs.ts'
import { startThread } from '../threads.ts'
import { tooLarge, type ExportRequest, type ExportTask, type FromExport, type Written } from './task.ts'

const most = {
  /** Exports that are made at once. */
  running: 2,
  /** Files that wait to be read. */
  kept: 8,
  keptMs: 10 * 60_000,
  /** Bytes of one part. */
  part: 2 ** 20,
  /** Of a thread: tables go row by row; what else does not fit has to be exported as a table. */
  heapMb: { table: 192, whole: 512 }
} as const

export interface ExportsDeps {
  dataFolder: string
  version: string
  tell(progress: { id: string; rows: number }): void
}

/** One while it is made. */
interface Making extends JobDocument {
  rows: number
  worker?: Worker
}

export class Exports {
  readonly #deps: ExportsDeps
  readonly #jobs: Jobs<Making>
  readonly #files = new Map<string, { target: string; end: Promise<Written> }>()
  #folder: string | undefined

  constructor(deps: ExportsDeps) {
    this.#deps = deps
    this.#jobs = new Jobs({
      what: 'export',
      atOnce: most.running,
      save() {},
      tell: ({ id, rows }) => deps.tell({ id, rows }),
      giveUp: ({ worker }) => worker?.terminate()
    })
  }

  /**
   * Begin one. Its end says what was written.
   * @throws StudioError conflict while enough others are made
   */
  start(request: ExportRequest, catalog: ExportTask['catalog']): string {
    this.#jobs.refuseMore()
    for (const old of [...this.#files.keys()].filter((id) => !this.#jobs.get(id)).slice(0, -most.kept)) this.drop(old)
    this.#folder ??= mkdtempSync(join(tmpdir(), 'engram-export-'))
    const id = ulid()
    const target = join(this.#folder, id)
    const { dataFolder, version } = this.#deps
    const end = this.#make(
      { id, status: 'running', error: null, rows: 0 },
      { request, dataFolder, catalog, version, target }
    )
    const file = { target, end }
    this.#files.set(id, file)
    // Nobody has to wait for the end.
    void end
      .catch(() => rmSync(target, { force: true }))
      .finally(() => setTimeout(() => this.#files.get(id) === file && this.drop(id), most.keptMs).unref())
    return id
  }

  /** Resolves when the file is whole. @throws StudioError not-found, cancelled, too-large, or what ended it */
  end(id: string): Promise<Written> {
    return this.#known(id).end
  }

  /** The next bytes of a finished export. @throws StudioError not-found, conflict before its end */
  read(id: string, offset: number): Buffer {
    const { target } = this.#known(id)
    if (this.#jobs.get(id)) throw new StudioError('conflict', 'This export is not finished.')
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
    const found = this.#files.get(id)
    this.#files.delete(id)
    const job = this.#jobs.get(id)
    if (job) void this.#jobs.stop(job, 'cancelled', null)
    if (found) rmSync(found.target, { force: true })
  }

  close(): void {
    for (const id of [...this.#files.keys()]) this.drop(id)
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  #known(id: string): { target: string; end: Promise<Written> } {
    const found = this.#files.get(id)
    if (!found) throw new StudioError('not-found', 'There is no such export any more; make it again.', { field: 'id' })
    return found
  }

  async #make(making: Making, task: ExportTask): Promise<Written> {
    let written: Written | undefined
    await this.#jobs.whole(making, async (job) => {
      written = await new Promise<Written>((resolve, reject) => {
        const worker = (making.worker = startThread(
          'exporter',
          task,
          most.heapMb[isTable(task.request) ? 'table' : 'whole']
        ))
        let last: Exclude<FromExport, { rows: number }> | undefined
        worker.on('message', (message: FromExport) => {
          if (!('rows' in message)) return void (last = message)
          making.rows = message.rows
          job.progress()
        })
        worker.on('error', (error: NodeJS.ErrnoException) =>
          reject(errorOf(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge : toErrorData(error)))
        )
        worker.once('exit', () => {
          if (!last) reject(new StudioError('cancelled', 'This export was cancelled.'))
          else if ('written' in last) resolve(last.written)
          else reject(errorOf(last.error))
        })
      })
      job.check()
    })
    return written!
  }
}

const isTable = (request: ExportRequest): boolean => !('report' in request) && isTableFormat(request.format)
