/** `engram import FILE`: what the file holds decides what becomes of it. */
import { basename } from 'node:path'
import { vectorsText, type VectorSet } from '../../../src-shared/contract/files.ts'
import { errorOf, StudioError } from '../../../src-shared/shapes/errors.ts'
import { kindOfFile, placeOf } from '../../../src-shared/exchange/file-kind.ts'
import { readColumns, readingText } from '../../../src-shared/recall/columns.ts'
import { plural } from '../../../src-shared/text/numbers.ts'
import { textOf } from '../../../src-shared/text/read.ts'
import { VectorSets } from '../../studio/vectors.ts'
import { importLines, importRuns } from './import-runs.ts'
import { readBytes, readText } from './read.ts'
import { withStudio } from './session.ts'
import { sweepExperiment } from './sweep.ts'

export interface ImportOptions {
  data: string
  /** For a sweep: the experiment whose task and models it sweeps. */
  experiment?: string
  /** For recall data: `subject=participant,...`. */
  columns?: string
  /** For a matrix of serial positions: a file with the presented items, or how long its lists were. */
  items?: string
  length?: number
}

/** What was taken in, as data and as lines to read. */
export interface ImportedFile {
  json: unknown
  lines: string[]
}

/** @throws StudioError not-found, or what is wrong with the file; what can only be used elsewhere is told where */
export async function importFile(file: string, options: ImportOptions): Promise<ImportedFile> {
  try {
    return await takeIn(file, options)
  } catch (error) {
    // The studio knows a file by its name alone.
    if (error instanceof StudioError && error.data.file === basename(file)) throw errorOf(error.data, { file })
    throw error
  }
}

async function takeIn(file: string, options: ImportOptions): Promise<ImportedFile> {
  const bytes = readBytes(file)
  const { columns, items, length } = options
  const isRecall = columns !== undefined || items !== undefined || length !== undefined
  const kind = isRecall ? 'recall' : kindOfFile(file, bytes)
  switch (kind) {
    case 'database':
    case 'results':
    case 'log': {
      const report = await importRuns(options.data, file, bytes)
      return { json: report, lines: importLines(report) }
    }
    case 'vectors': {
      const set: VectorSet = new VectorSets(options.data).add(basename(file), bytes, new Date().toISOString())
      return { json: set, lines: [`${set.hash}  ${vectorsText(set)}`] }
    }
    case 'sweep': {
      const found = await sweepExperiment(file, options.experiment)
      return {
        json: found,
        lines: [...found.notes.map((note) => `# ${note}`), JSON.stringify(found.experiment, null, 2)]
      }
    }
    case 'recall': {
      const input = {
        name: basename(file),
        text: textOf(bytes, file),
        ...(columns !== undefined && { columns: readColumns(columns) }),
        ...(items !== undefined && { items: { name: basename(items), text: await readText(items) } }),
        ...(length !== undefined && { length })
      }
      const set = await withStudio(options.data, 'change', ({ ask }) => ask('recall.import', input))
      const [most, ...others] = set.lengths
      const taken = [
        readingText(set.reading),
        others.length &&
          `${most.lists} of them of ${most.length} items, which statistics take unless a length is said; others have ${others.map(({ length }) => length).join(', ')}`
      ].filter(Boolean)
      return {
        json: set,
        lines: [
          `${set.id}  ${set.name}: ${plural(set.subjects, 'subject')}, ${plural(set.lists, 'list')}${taken.map((what) => `; ${what}`).join('')}`
        ]
      }
    }
    default:
      throw new StudioError('bad-file', placeOf[kind], { file })
  }
}
