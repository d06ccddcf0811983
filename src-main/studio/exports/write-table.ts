/** Tables written to an open file as their rows come: a file of any length takes the memory of one group of rows. */
import { writeSync } from 'node:fs'
import { ByteWriter, ParquetWriter, schemaFromColumnData, type BasicType, type ColumnSource } from 'hyparquet-writer'
import type { Table } from '../../../src-shared/documents/trial-tables.ts'
import { csvLines, type CsvCell } from '../../../src-shared/text/csv.ts'

/** Rows between two looks at whether the export was cancelled, and of a group of Parquet. */
const groupRows = 20_000

/** Told of the rows so far; throws to end the export. */
export type OnRows = (rows: number) => void

/** As CSV. @returns the rows written */
export function writeCsv(file: number, { columns, rows }: Table, onRows: OnRows): number {
  let [count, waiting] = [-1, '']
  for (const line of csvLines(
    columns.map(({ name }) => name),
    rows
  )) {
    waiting += line
    count++
    if (waiting.length < 2 ** 20) continue
    writeAll(file, Buffer.from(waiting))
    waiting = ''
    onRows(count)
  }
  writeAll(file, Buffer.from(waiting))
  return count
}

const types: Record<Table['columns'][number]['kind'], BasicType> = { text: 'STRING', number: 'DOUBLE', whole: 'INT64' }

/**
 * As Parquet: text as UTF-8, numbers as doubles (NaN and infinities as they are), whole numbers as 64 bits; what is
 * missing is null.
 * @returns the rows written
 */
export function writeParquet(file: number, { columns, rows }: Table, onRows: OnRows): number {
  const bytes = new FileBytes(file)
  const empty = columns.map(({ name, kind }): ColumnSource => ({ name, data: [], type: types[kind], nullable: true }))
  const parquet = new ParquetWriter({ writer: bytes, schema: schemaFromColumnData({ columnData: empty }) })
  let count = 0
  let group = columns.map((): (string | number | bigint | null)[] => [])
  const flush = (): void => {
    if (group[0].length > 0) {
      const columnData = columns.map(({ name, kind }, i): ColumnSource => ({ name, data: group[i], type: types[kind] }))
      void parquet.write({ columnData, rowGroupSize: groupRows })
    }
    group = columns.map(() => [])
  }
  for (const row of rows) {
    for (const [i, { kind }] of columns.entries()) group[i].push(parquetCell(row[i], kind))
    if (++count % groupRows > 0) continue
    flush()
    onRows(count)
  }
  flush()
  void parquet.finish()
  bytes.flush()
  return count
}

function parquetCell(cell: CsvCell, kind: Table['columns'][number]['kind']): string | number | bigint | null {
  if (cell === null || cell === undefined) return null
  if (kind === 'whole') return BigInt(cell as number)
  return kind === 'number' ? Number(cell) : String(cell)
}

/** What the library has encoded goes to the file after each group of rows. */
class FileBytes extends ByteWriter {
  readonly #file: number

  constructor(file: number) {
    super()
    this.#file = file
  }

  flush(): void {
    writeAll(this.#file, Buffer.from(this.getBytes()))
    // `offset` stays: it is the place in the file that the footer names.
    this.index = 0
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}
