/** What a file is, by what it holds: its name decides only between kinds that hold the same. */
import { StudioError } from '../shapes/errors.ts'
import { parseJson } from '../shapes/json.ts'
import { isRecall } from '../recall/columns.ts'
import { isPositions } from '../recall/data.ts'
import { tableRows, textOf, type TableRow } from '../text/read.ts'
import { isLog } from './logs-csv.ts'
import { isWandbSweep } from './wandb.ts'

export type FileKind =
  'database' | 'results' | 'experiment' | 'suite' | 'sweep' | 'log' | 'table' | 'recall' | 'vectors' | 'weights'

/** What is done with a file of a kind, for whoever offers it in the wrong place. */
export const placeOf: Record<FileKind, string> = {
  database: 'This is a database of runs; History takes it in, or engram import.',
  results: 'These are results; History takes them in, or engram import.',
  experiment: 'This is an experiment; Compose opens it, engram run runs it.',
  suite: 'This is a suite; engram run runs it.',
  sweep: 'This is a W&B sweep; Compose takes it in under Sweep, engram run runs it.',
  log: 'This is a log of training; History takes it in, or engram import.',
  table:
    'This is a table of results; engram compare reads it. A run of this studio comes back from its JSON or its HTML report.',
  recall: 'These are recall data; the Recall page takes them in, or engram import.',
  vectors: 'These are vectors; Compose takes them in with the task’s vectors, or engram import.',
  weights: 'These are weights; Compose takes them in with a model, or an experiment names their file.'
}

const begins = (bytes: Uint8Array, text: string): boolean =>
  bytes.length >= text.length && [...text].every((letter, i) => bytes[i] === letter.charCodeAt(0))
const latin = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes)

const saveAsCsv = 'save it as CSV (UTF-8)'
const unpack = 'unpack it and take in what it holds'
/** What is known by its first bytes and not read here, and what to do about it. */
const others: readonly [begin: string, sentence: string][] = [
  ['\x89HDF', 'This is HDF5; save its arrays with numpy.save, or as safetensors.'],
  ['MATLAB ', 'This is a MATLAB file; write each of its matrices with writematrix(M, "file.csv").'],
  ['PAR1', `This is Parquet; ${saveAsCsv}. A run comes back from its JSON or its HTML report.`],
  ['ARROW1', `This is Arrow; ${saveAsCsv}.`],
  ['FEA1', `This is Feather; ${saveAsCsv}.`],
  ['\x1f\x8b', `This is packed by gzip; ${unpack}. A file of R is one too: write.csv.`],
  ['BZh', `This is packed by bzip2; ${unpack}.`],
  ['\xfd7zXZ', `This is packed by xz; ${unpack}.`],
  ['7z\xbc\xaf', `This is packed by 7-Zip; ${unpack}.`],
  ['(\xb5/\xfd', `This is packed by Zstandard; ${unpack}.`],
  ['GGUF', 'This is GGUF, whose numbers are quantised; take the safetensors that it was made of.'],
  ['\x89PNG', 'This is a picture.'],
  ['\xff\xd8\xff', 'This is a picture.'],
  ['GIF8', 'This is a picture.'],
  ['%PDF', 'This is a PDF.'],
  [':W&B', 'This is W&B’s own log; export the chart or the table as CSV from its page.'],
  ['\xd0\xcf\x11\xe0', `This is an old file of Office; ${saveAsCsv}.`],
  ['version https://git-lfs.github.com/', 'This is a Git LFS pointer, not the file itself; fetch it with: git lfs pull']
]
const pickle =
  'This is a Python pickle, which runs code when it is read. Save arrays with numpy.save, tables with to_csv, tensors with safetensors.torch.save_file.'

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
    const names = latin(bytes.subarray(-65_536)) + latin(bytes.subarray(0, 4096))
    if (/\[Content_Types\]\.xml|mimetypeapplication\/vnd\.oasis/.test(names))
      return refuse('This is a spreadsheet; save its sheet as CSV (UTF-8).')
    if (/\.(npz|pt|pth|ckpt|bin)$/i.test(name) || /\.npy|data\.pkl/.test(names)) return 'weights'
    return refuse(`This is a ZIP archive; ${unpack}.`)
  }
  const known = others.find(([begin]) => begins(bytes, begin))
  if (known) return refuse(known[1])
  if (/\.(safetensors|npz|pt|pth|ckpt|bin)$/i.test(name) || isSafetensors(bytes)) return 'weights'
  if (bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5) return refuse(pickle)
  if (/brain\.Event:/.test(latin(bytes.subarray(0, 64))))
    return refuse(
      'This is TensorBoard’s event file; in TensorBoard, show the links for download and save each curve as CSV.'
    )
  const text = textOf(bytes, name)
  if (/\.([cm]?[jt]s|[jt]sx|py|ipynb|r|m)$/i.test(name))
    return refuse('This is code; a model of your own belongs into the models folder that Settings name.')
  if (/^\s*</.test(text)) {
    if (text.includes('id="engram-data"')) return 'results'
    return refuse(
      /^\s*(<\?xml[^>]*>\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg/i.test(text)
        ? 'This is a picture.'
        : 'This is a web page, and no report of this studio.'
    )
  }
  if (/^\s*[{[]/.test(text)) return kindOfJson(text, name)
  if (isWandbSweep(text) || /\.ya?ml$/i.test(name)) return 'sweep'
  if (/\\begin\{|\\documentclass/.test(text.slice(0, head))) return refuse('This is LaTeX.')
  return kindOfTable(text, refuse)
}

/** The length of a header, and the header, which is JSON. */
const isSafetensors = (bytes: Uint8Array): boolean =>
  bytes.length > 10 && bytes[8] === 0x7b && bytes[9] === 0x22 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0

function kindOfJson(text: string, file: string): FileKind {
  const lines = text.trimEnd().split('\n', 3)
  if (lines.length > 1 && lines.slice(0, 2).every(isObject))
    throw new StudioError(
      'bad-file',
      'These are JSON lines; save them as CSV: pandas.read_json(file, lines=True).to_csv("log.csv", index=False)',
      { file }
    )
  const json = parseJson(text, { file })
  const has = (...keys: string[]): boolean => keys.every((key) => Object.hasOwn(json as object, key))
  if (Array.isArray(json) || typeof json !== 'object' || json === null)
    throw new StudioError('bad-file', 'This JSON is a list, which does not say what it is of; save it as CSV.', {
      file
    })
  const { format } = json as { format?: unknown }
  const [, own] = typeof format === 'string' ? (/^engram-(\w+)\//.exec(format) ?? []) : []
  if (own === 'manifest')
    throw new StudioError(
      'bad-file',
      'This is a manifest: it says how runs were made and holds none of their numbers. Take in their JSON or their report.',
      { file }
    )
  if (own === 'results' || own === 'experiment' || own === 'suite') return own
  if (has('method') && has('parameters')) return 'sweep'
  if (has('weights')) return 'weights'
  if (has('runs')) return 'results'
  if (has('tasks', 'models')) return 'suite'
  if (has('task') || has('models')) return 'experiment'
  throw new StudioError(
    'bad-file',
    'This JSON is none of this studio’s: results, an experiment, a suite or weights say so in "format" or hold "weights"; a W&B sweep has method and parameters.',
    { file }
  )
}

function isObject(line: string): boolean {
  if (!/^\{.*\}\s*$/.test(line)) return false
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}

/** As much of a text as tells what it is. */
const head = 65_536

function kindOfTable(text: string, refuse: (message: string) => never): FileKind {
  const whole = text.length > head ? text.slice(0, text.lastIndexOf('\n', head) + 1 || head) : text
  let rows: TableRow[]
  try {
    rows = tableRows(whole)
  } catch {
    // What is wrong with its quotes is said by who reads it; what it is, its first line tells.
    rows = tableRows(whole.split('\n').slice(0, 1).join('').replaceAll('"', ''))
  }
  const names = (rows[0]?.cells ?? []).map((cell) => cell.trim())
  if (isRecall(names) || isPositions(rows)) return 'recall'
  const has = (...wanted: string[]): boolean => wanted.every((name) => names.includes(name))
  if (has('model', 'seed') || names.join(',').startsWith('metric,unit,model,')) return 'table'
  if (isLog(names)) return 'log'
  if (names.some((name) => /^(relative|wall) time/i.test(name)))
    return refuse('This is a chart over time; choose Step as its x axis and export it again.')
  if (has('Name', 'State') || has('Run ID') || has('run_id'))
    return refuse(
      'This is a table of runs, one a line. To compare them give it the columns model and seed and a column per metric: engram compare. Their curves come from a database of MLflow or a CSV log.'
    )
  // A line of names or of numbers over lines of numbers, words before them allowed.
  const numbers = /(^|[\s,;])[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?(?=$|[\s,;])/gi
  const lines = whole
    .split('\n')
    .filter((line) => line.trim() && !/^\s*[#%]/.test(line))
    .slice(0, 3)
  const share = (line: string): number => {
    const found = (line.match(numbers) ?? []).length
    return found < 2 ? 0 : found / line.trim().split(/[,;\t]|\s+/).length
  }
  if (lines.some((line) => share(line) > 0.5)) return 'vectors'
  return refuse(
    `This is no results file, and none of what can be taken in besides: a report, a database of MLflow, a log of training, a W&B sweep, recall data, or vectors.${names.length > 1 ? ` Its first line has ${names.slice(0, 8).join(', ').slice(0, 200)}.` : ''}`
  )
}
