/** Searches that Optuna makes in the user's own Python: points that are worth a try, one after the other. */
import { z } from 'zod'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { installOptuna } from '../../../src-shared/shapes/python.ts'
import { pointSchema } from '../../../src-shared/shapes/run.ts'
import type { Point } from '../../../src-shared/shapes/point.ts'
import type { Search } from '../../../src-shared/shapes/search.ts'
import type { FoundPython } from './interpreter.ts'
import { PythonProcess, startMs } from './process.ts'

/** How long a Python waits for the next question; to start one takes longer than most answers. */
const idleMs = 60_000

export class Searcher {
  #python: { process: PythonProcess; options: FoundPython['options'] } | undefined
  #timer: NodeJS.Timeout | undefined

  /** @throws StudioError not-supported where Optuna is not installed, model-failed with what it says itself */
  async propose(search: Search, { info, options }: FoundPython): Promise<Point> {
    if (info.optuna === null) throw new StudioError('not-supported', installOptuna(info), { field: 'tuning.tuner' })
    clearTimeout(this.#timer)
    try {
      const python = this.#started(options)
      const { header } = await python.ask({ op: 'propose', ...search }, [], startMs)
      return z.object({ values: pointSchema }).parse(header).values
    } finally {
      this.#timer = setTimeout(() => this.#end(), idleMs).unref()
    }
  }

  #started(options: FoundPython['options']): PythonProcess {
    const there = this.#python
    if (there && !there.process.gone && there.options === options) return there.process
    this.#end()
    this.#python = { process: new PythonProcess(options), options }
    return this.#python.process
  }

  #end(): void {
    this.#python?.process.end()
    this.#python = undefined
  }
}
