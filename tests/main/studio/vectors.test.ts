import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { startEngine } from '../../../src-main/engine/process/launch.ts'
import { vectorReader } from '../../../src-main/tensors/vectors.ts'
import { readVectors, VectorSets } from '../../../src-main/studio/vectors.ts'
import { drawPairs } from '../../../src-main/tasks/parts/sources.ts'
import { withItemNames } from '../../../src-main/tasks/parts/item-names.ts'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import { registry } from '../../support/drive-memory.ts'
import { drawsOf } from '../tasks/harness.ts'
import { openStudio } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const text = (csv: string) => Buffer.from(csv)
/** What numpy.save writes for a float64 array: version 1.0, header padded to 64 bytes with a line end. */
function npy(descr: string, shape: string, numbers: Buffer, order = 'False'): Buffer {
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`.padEnd(117) + '\n'
  const size = Buffer.alloc(2)
  size.writeUInt16LE(header.length)
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), size, Buffer.from(header), numbers])
}
const doubles = (values: number[]) => Buffer.from(Float64Array.from(values).buffer)

describe('reading vectors', () => {
  it('takes CSV with and without a header, whatever the separator', () => {
    const expected = { rows: 2, columns: 3, data: Float32Array.from([1, -2.5, 3e-2, 4, 5, 6]) }
    expect(readVectors('a.csv', text('1,-2.5,3e-2\n4,5,6\n'))).toMatchObject(expected)
    expect(readVectors('a.csv', text('\uFEFFx;y;z\r\n1;-2.5;3e-2\r\n\r\n4;5;6'))).toMatchObject(expected)
    expect(readVectors('a.tsv', text('1\t-2.5\t3e-2\n4\t5\t6'))).toMatchObject(expected)
  })
  it('names row and column of what is no number, and the row that is too short', () => {
    expect(() => readVectors('a.csv', text('1,2\n3,four\n'))).toThrow('Line 2, column 2: "four" is not a number.')
    expect(() => readVectors('a.csv', text('x,y\n1,2\n3,\n'))).toThrow('Line 3, column 2: "" is not a number.')
    expect(() => readVectors('a.csv', text('1,2\n3\n'))).toThrow('Line 2 has 1 columns; the lines before it have 2.')
    expect(() => readVectors('a.csv', text('1,2\n3,1e999\n'))).toThrow(
      'Line 2, column 2: Infinity does not fit float32.'
    )
    expect(() => readVectors('a.csv', text('x,y\n'))).toThrow('There is no row of numbers in it.')
  })
  it('takes NPY of doubles in two axes, and refuses other shapes, types and damaged files', () => {
    const read = (bytes: Buffer) => readVectors('a.npy', bytes)
    expect(read(npy('<f8', '(2, 2)', doubles([1, 2, 3, 4])))).toMatchObject({
      rows: 2,
      columns: 2,
      data: Float32Array.from([1, 2, 3, 4])
    })
    expect(read(npy('<f8', '(2, 2)', doubles([1, 2, 3, 4]), 'True')).data).toEqual(Float32Array.from([1, 3, 2, 4]))
    expect(() => read(npy('<f8', '(4,)', doubles([1, 2, 3, 4])))).toThrow('The array has 1 axes, [4]')
    expect(() => read(npy('>f8', '(2, 2)', doubles([1, 2, 3, 4])))).toThrow('>f8')
    expect(() => read(npy('<f8', '(3, 2)', doubles([1, 2, 3, 4])))).toThrow('shorter than its shape')
    expect(() => read(npy('<f8', '(2, 2)', doubles([1, 2, NaN, 4])))).toThrow('Row 2, column 1: NaN is not finite.')
    expect(() => read(Buffer.from('nothing'))).toThrow('not a .npy array')
    expect(() => readVectors('a.xls', Buffer.alloc(3))).toThrow('no text')
  })
})

describe('vectors of other tools', () => {
  const file = (name: string) => {
    const { rows, columns, data, left } = readVectors(name, readFileSync(join('tests/cases', name)))
    return { rows, columns, data: [...data], left }
  }
  const read = (csv: string) => {
    const { rows, columns, data, left } = readVectors('a.txt', text(csv))
    return { rows, columns, data: [...data], left }
  }
  it('of pandas: a header of numbers and a column of row numbers are no vectors', () => {
    expect(file('vectors/pandas-noindex.csv')).toEqual({
      rows: 2,
      columns: 3,
      data: [0.5, 0.25, -1, 2, 3, 4.5],
      left: ['the header 0, 1, 2']
    })
    expect(file('vectors/pandas-index-named-columns.csv')).toEqual({
      rows: 2,
      columns: 2,
      data: [0.5, 0.25, 2, 3],
      left: ['the header x, y', 'the numbers of the rows']
    })
    expect(read(',0,1\n0,5,6\n1,7,8\n')).toMatchObject({ rows: 2, columns: 2, data: [5, 6, 7, 8] })
    // Rows that count are vectors where nothing says otherwise.
    expect(read('0,1,2\n0,1,2\n')).toMatchObject({ rows: 2, columns: 3 })
  })
  it('of R: row names under an empty cell, or under a header that is one name short', () => {
    expect(read('"","V1","V2"\n"1",0.5,1\n"2",2,3\n')).toMatchObject({ rows: 2, columns: 2, data: [0.5, 1, 2, 3] })
    expect(read('"V1" "V2"\n"1" 0.5 1\n"2" 2 3\n')).toMatchObject({ rows: 2, columns: 2, data: [0.5, 1, 2, 3] })
  })
  it('of GloVe and word2vec: words before the numbers, a line of sizes before the words', () => {
    expect(read('the 0.5 1 2\nof 3 4 5\n')).toMatchObject({ rows: 2, columns: 3, data: [0.5, 1, 2, 3, 4, 5] })
    expect(read('2 3\nthe 0.5 1 2\nof 3 4 5\n')).toMatchObject({ rows: 2, columns: 3, data: [0.5, 1, 2, 3, 4, 5] })
  })
  it('have words with spaces, words that are numbers, and numbers of rows under a name that says so', () => {
    const spaced = readVectors('glove.txt', text('the 0.1 0.2\n. . . 0.3 0.4\n2000 0.5 0.6\n'))
    expect(spaced).toMatchObject({ rows: 3, columns: 2, data: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6) })
    const sized = readVectors('w.vec', text('2 2\n1 0.5 0.25 \n2000 1 2 \n'))
    expect(sized).toMatchObject({ rows: 2, columns: 2, data: Float32Array.of(0.5, 0.25, 1, 2) })
    expect(readVectors('a.csv', text('id,x,y\n0,0.5,1\n1,0.25,2\n'))).toMatchObject({ columns: 2 })
    expect(readVectors('a.csv', text('id,x,y\n7,0.5,1\n3,0.25,2\n'))).toMatchObject({ columns: 3 })
  })
  it('with blank and comment lines, in UTF-16, with CR alone', () => {
    expect(file('vectors/leading-blank-line.csv')).toMatchObject({ rows: 2, columns: 3, left: [] })
    expect(file('vectors/comment-line.csv')).toMatchObject({ rows: 2, columns: 3, left: ['1 comment line'] })
    expect(read('1,2\r3,4\r')).toMatchObject({ rows: 2, columns: 2 })
    expect(readVectors('a.csv', Buffer.from('\ufeff1,2\n3,4\n', 'utf16le')).rows).toBe(2)
  })
  it('with decimal commas are refused, and told so', () => {
    expect(() => read('0,5;1,5\n2;3\n')).toThrow(
      'Line 1, column 1: "0,5" has a decimal comma; decimals have a point here: 0.5.'
    )
  })
  it('in NPY of objects, of fields, or beyond float32 are refused with what to do', () => {
    expect(() => file('npy/object.npy')).toThrow(/Python objects.*astype\("float32"\)/)
    expect(() => file('npy/structured.npy')).toThrow(/fields \(a, b\).*structured_to_unstructured/)
    expect(() => file('npy/double-overflow.npy')).toThrow(/1e\+300.*does not fit float32/)
  })
})

describe('the sets of a data folder', () => {
  it('are known by their content: the same numbers from another file are the same set', () => {
    const folder = temporaryFolder('studio')
    const sets = new VectorSets(folder)
    const first = sets.add('one.csv', text('1,2\n3,4\n'), '2026-01-01')
    const second = sets.add('two.npy', npy('<f8', '(2, 2)', doubles([1, 2, 3, 4])), '2026-01-02')
    expect(second).toEqual({ ...first, name: 'two.npy', imported: '2026-01-02' })
    const other = sets.add('three.csv', text('1,2\n3,5\n'), '2026-01-03')
    expect(new VectorSets(folder).list().map(({ name }) => name)).toEqual(['three.csv', 'two.npy'])
    const read = vectorReader(sets.folder)
    expect(read(other.hash)).toEqual({ rows: 2, columns: 2, data: Float32Array.from([1, 2, 3, 5]) })
    expect(() => read('0'.repeat(64))).toThrow('not in this data folder')
    expect(() => read('../secrets')).toThrow('not in this data folder')
  })
})

describe('pairs of imported vectors', () => {
  beforeAll(() => tf.setBackend('cpu'))
  const keys = { rows: 4, columns: 2, data: Float32Array.from([1, 1, 2, 2, 3, 3, 4, 4]) }
  const values = { rows: 4, columns: 2, data: Float32Array.from([10, 10, 20, 20, 30, 30, 40, 40]) }
  const source = { source: 'embedding', correlation: 0, separation: 0, spread: 0 } as const
  const draw = (items: number, dim: number, valueVectors: string) => {
    const vectors = (hash: string) => (hash === 'k' ? keys : values)
    const context = { batch: 2, random: drawsOf([1, 2]), vectors }
    return drawPairs(context, items, dim, { ...source, valuesPer: 'item', vectors: 'k', valueVectors })
  }
  it('draw rows without repeats, and keep each key with its value', () => {
    const { keys: k, values: v } = draw(4, 2, 'v')
    const [ks, vs] = [k.dataSync(), v.dataSync()]
    expect([...ks].map((x) => x * 10)).toEqual([...vs])
    for (const trial of [0, 1])
      expect([...ks.subarray(trial * 8, trial * 8 + 8)].sort()).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
    tf.dispose([k, v])
    const auto = draw(2, 2, '')
    expect([...auto.keys.dataSync()]).toEqual([...auto.values.dataSync()])
    tf.dispose([auto.keys, auto.values])
  })
  it('bring the words of their rows along, which then stand beside maps of queries and stored items', async () => {
    const folder = temporaryFolder('words')
    const sets = new VectorSets(folder)
    const { hash } = sets.add('animals.txt', text('cat 1 0 0\ndog 0 1 0\nfish 0 0 1\n'), '2026-01-01')
    const plain = sets.add('plain.csv', text('1,2,3\n4,5,6\n'), '2026-01-01')
    const read = vectorReader(sets.folder)
    expect(read(hash).words).toEqual(['cat', 'dog', 'fish'])
    expect(read(plain.hash).words).toBeUndefined()
    const params = { ...source, valuesPer: 'item', vectors: hash, valueVectors: '' } as const
    const { keys: k, values: v, names } = drawPairs({ batch: 2, random: drawsOf([1, 2]), vectors: read }, 3, 3, params)
    const words = ['cat', 'dog', 'fish']
    const rows = k.arraySync()
    expect(names).toEqual(rows.map((trial) => trial.map((row) => words[row.indexOf(1)])))
    const memory = registry.build('hopfield', registry.fill('hopfield', { dim: 3 }), 2, philoxWeights(['a', 'b']))
    // Stored twice, asked for two of the three.
    for (let i = 0; i < 2; i++) memory.store!({ keys: k, values: v })
    tf.dispose(memory.retrieve!({ queries: k.slice([0, 0, 0], [2, 2, 3]) }))
    const [map] = withItemNames(await memory.traces!(), names!)
    map.perTrial.forEach((value, b) =>
      expect(value).toMatchObject({ shape: [2, 6], labels: [...names![b].slice(0, 2), ...names![b], ...names![b]] })
    )
    memory.dispose()
    tf.dispose([k, v])
  })
  it('refuse another dimension and more items than rows', () => {
    expect(() => draw(2, 3, '')).toThrow('set the dimension to 2')
    expect(() => draw(5, 2, '')).toThrow('5 items need as many imported rows; there are 4.')
  })
})

it('an experiment on imported vectors runs in the engine and names what it lacks', async () => {
  const studio = await openStudio({}, { startEngine: startEngine })
  const { handlers } = studio
  const rows = Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, j) => Number(i === j)).join(','))
  const { hash } = await handlers['vectors.import']({
    name: 'eye.csv',
    content: text(rows.join('\n')).toString('base64')
  })
  expect((await handlers['vectors.list']({})).map(({ name }) => name)).toEqual(['eye.csv'])
  const experiment = (params: object) => ({
    format: 'engram-experiment/1',
    name: 'Embedded',
    task: { kind: 'capacity', params: { items: 8, dim: 8, source: 'embedding', ...params } },
    models: [{ kind: 'linear-associator' }],
    seeds: { first: 0, count: 2 },
    backend: 'cpu'
  })
  const errors = async (params: object) =>
    (await handlers['experiment.plan']({ experiment: experiment(params) as never })).errors.map(
      ({ message }) => message
    )
  expect(await errors({})).toEqual(['Choose the vectors that serve as keys, or import some.'])
  expect(await errors({ vectors: 'f'.repeat(64) })).toEqual([expect.stringContaining('import their file')])
  expect(await errors({ vectors: hash, dim: 16 })).toEqual([expect.stringContaining('set the dimension to 8')])
  expect(await errors({ vectors: hash, items: 9 })).toEqual([expect.stringContaining('8 rows, too few')])
  const { id } = await handlers['runs.start']({ experiment: experiment({ vectors: hash }) as never })
  expect(await studio.until(id, ['done', 'failed', 'interrupted'])).toMatchObject({ status: 'done', done: 2 })
  // Unit vectors at right angles, each its own value: exact recall.
  const [cell] = await handlers['runs.results']({ ids: [id] })
  expect(cell.metrics.accuracy).toEqual([1, 1])
  expect(cell.metrics.mse.map((x) => Number(x!.toFixed(6)))).toEqual([0, 0])
})
