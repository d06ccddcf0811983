/** What the Python files of a researcher's folder hold. */
import type { ErrorData } from '../../../src-shared/shapes/errors.ts'
import { toErrorData } from '../../../src-shared/shapes/errors.ts'
import { hashOf } from '../code-hash.ts'
import type { ModelFile } from '../worker-calls.ts'
import { describedSchema } from './described.ts'
import { pythonId } from './model.ts'
import { PythonProcess, type PythonOptions } from './process.ts'

export interface PythonFile {
  file: string
  models: ModelFile[]
  errors: ErrorData[]
  /** The files of its own that it imports. */
  imports: string[]
}

/** How long a file may take to be read, with all that it imports but torch. */
const readMs = 30_000

/** Each is run once, in one Python for all of them; one that ends it or never comes back harms no other. */
export async function describeFiles(files: readonly string[], options: PythonOptions): Promise<PythonFile[]> {
  const found: PythonFile[] = []
  let python: PythonProcess | undefined
  for (const file of files) {
    const before = python
    python = before && !before.gone ? before : new PythonProcess(options)
    // It may take long to import torch: that is no time of the file's.
    if (python !== before) await python.hello().catch(() => undefined)
    found.push(await describe(file, python))
  }
  python?.end()
  return found
}

async function describe(file: string, python: PythonProcess): Promise<PythonFile> {
  try {
    const { header } = await python.ask({ op: 'describe', file }, [], readMs)
    const { classes, refused, absent, imports } = describedSchema.parse(header)
    const code = classes.length ? hashOf(file, imports) : ''
    return {
      file,
      imports,
      models: classes.map((cls) => ({
        file,
        id: pythonId(file, cls.name),
        code,
        imports,
        python: { class: cls, absent, imports }
      })),
      errors: refused.map(({ name, message }) => ({ code: 'bad-file', message, file, field: name }))
    }
  } catch (error) {
    const { message, cause } = toErrorData(error)
    const refused: ErrorData = {
      code: 'bad-file',
      message: `This file does not load: ${message}`,
      file,
      ...(cause && { cause })
    }
    return { file, models: [], errors: [refused], imports: [] }
  }
}
