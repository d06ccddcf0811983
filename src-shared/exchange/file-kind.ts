/** What a file is, by what it holds: its name decides only between kinds that hold the same. */
import { StudioError } from '../shapes/errors.ts'
import { experimentFormat } from '../shapes/experiment.ts'
import { suiteFormat } from '../grid/suite.ts'
import { textOf } from '../text/read.ts'
import { isLog } from './logs-csv.ts'
import { isWandbSweep } from './wandb.ts'

export type FileKind =
  'database' | 'results' | 'experiment' | 'suite' | 'sweep' | 'log' | 'recall' | 'vectors' | 'weights'

/** What is done with a file of a kind, for whoever offers it in the wrong place. */
export const placeOf: Record<FileKind, string> = {
  database: 'This is a database of runs; History takes it in, or engram import.',
  results: 'These are results; History takes them in, or engram import.',
  experiment: 'This is an experiment; Compose opens it, engram run runs it.',
  suite: 'This is a suite; engram run runs it.',
  sweep: 'This is a W&B sweep; Compose takes it in under Sweep, engram run runs it.',
  log: 'This is a log of training; History takes it in, or engram import.',
  recall: 'These are recall data; the Recall page takes them in, or engram import.',
  vectors: 'These are vectors; Compose takes them in with the task’s vectors, or engram import.',
  weights: 'These are weights; Compose takes them in with a model, or an experiment names their file.'
}

const begins = (bytes: Uint8Array, text: string): boolean =>
  bytes.length >= text.length && [...text].every((letter, i) => bytes[i] === letter.charCodeAt(0))

/**
 * @throws StudioError bad-file, with what the file seems to be and what to do, for what is none of these
 */
export function kindOfFile(name: string, bytes: Uint8Array): FileKind {
  const refuse = (message: string): never => {
    throw new StudioError('bad-file', message, { file: name })
  }
  if (bytes.length === 0) return refuse('This file is empty.')
  if (begins(bytes, 'SQLite format 3\0')) return 'database'
  if (begins(bytes, '\x93NUMPY')) return 'vectors'
  if (begins(bytes, 'PK')) {
    const names =
      new TextDecoder('latin1').decode(bytes.subarray(-65_536)) +
      new TextDecoder('latin1').decode(bytes.subarray(0, 4096))
    if (/\[Content_Types\]\.xml|mimetypeapplication\/vnd\.oasis/.test(names))
      return refuse('This is a spreadsheet; save its sheet as CSV (UTF-8).')
    return 'weights'
  }
  if (begins(bytes, '\x89HDF')) return refuse('This is HDF5; save its arrays with numpy.save, or as safetensors.')
  if (begins(bytes, 'MATLAB 5.0'))
    return refuse('This is a MATLAB file; write its matrix with writematrix(M, "file.csv").')
  if (begins(bytes, 'version https://git-lfs.github.com/'))
    return refuse('This is a Git LFS pointer, not the file itself; fetch it with: git lfs pull')
  if (/\.(safetensors|npz|pt|pth|ckpt)$/i.test(name)) return 'weights'
  const text = textOf(bytes, name)
  if (/^\s*</.test(text)) return 'results'
  if (/^\s*[{[]/.test(text)) {
    const kind = kindOfJson(text)
    if (kind) return kind
    return 'results'
  }
  if (/\.ya?ml$/i.test(name) || /^(method|parameters)\s*:/m.test(text)) {
    if (isWandbSweep(text) || /\.ya?ml$/i.test(name)) return 'sweep'
  }
  return (
    kindOfTable(text) ??
    refuse(
      'This is no results file, and none of what can be taken in besides: a report, a database of MLflow, a log of training, a W&B sweep, recall data, or vectors.'
    )
  )
}

function kindOfJson(text: string): FileKind | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // Why it is no JSON is said by who reads it.
    return undefined
  }
  if (typeof json !== 'object' || json === null) return undefined
  const { format } = json as { format?: unknown }
  if (format === experimentFormat) return 'experiment'
  if (format === suiteFormat) return 'suite'
  if ('weights' in json) return 'weights'
  return 'method' in json && 'parameters' in json ? 'sweep' : undefined
}

function kindOfTable(text: string): FileKind | undefined {
  const head = text.split('\n').find((line) => line.trim() && !/^\s*[#%]/.test(line)) ?? ''
  const names = head.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
  if (names.includes('trial_type') || (names.includes('subject') && names.includes('list'))) return 'recall'
  if (isLog(names)) return 'log'
  // A line of names or of numbers over lines of numbers, words before them allowed.
  const numbers = /(^|[\s,;])[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?(?=$|[\s,;])/gi
  const lines = text
    .split('\n')
    .filter((line) => line.trim() && !/^\s*[#%]/.test(line))
    .slice(0, 3)
  return lines.some((line) => (line.match(numbers) ?? []).length >= 2) ? 'vectors' : undefined
}
