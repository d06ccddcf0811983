import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kindOfFile, type FileKind } from '../../../src-shared/exchange/file-kind.ts'

const folders: Record<string, FileKind> = {
  mlflow: 'database',
  scalars: 'log',
  wandb: 'sweep',
  vectors: 'vectors',
  npy: 'vectors',
  experiment: 'experiment',
  pt: 'weights'
}
const kind = (name: string, text: string) => kindOfFile(name, Buffer.from(text))

describe('what a file is', () => {
  it.each(Object.entries(folders))('of %s is told by its content, whatever its name', (folder, expected) => {
    for (const file of readdirSync(join('tests/cases', folder)))
      expect(kindOfFile('x', readFileSync(join('tests/cases', folder, file))), file).toBe(expected)
  })
  it('of recall data is told by their columns', () => {
    for (const file of readdirSync('tests/cases/recall').filter((name) => !name.startsWith('latin1')))
      expect(kindOfFile('x', readFileSync(join('tests/cases/recall', file))), file).toBe('recall')
  })
  it('is that of its content, whatever its name: tables of results, of recalls under other names, of serial positions', () => {
    expect(kind('a.csv', 'model,seed,epoch,acc\na,0,1,0.5\n')).toBe('table')
    expect(kind('a.csv', 'participant,trial,serial_position,phase,word\np,1,1,study,oak\n')).toBe('recall')
    expect(kind('a.csv', '3,1,-1,0\n2,0,0,0\n')).toBe('recall')
    // One-hot vectors, and whole numbers without padding, are no recalls.
    expect(kind('a.csv', '1,0,0\n0,1,0\n')).toBe('vectors')
    expect(kind('a.csv', '1,2,3\n4,5,6\n')).toBe('vectors')
    expect(kind('a.csv', '# remark, of two\nstep,loss\n0,1\n')).toBe('log')
    expect(kind('a', '{"method": "grid", "parameters": {}}')).toBe('sweep')
    const header = Buffer.alloc(8)
    header.writeUInt8(2)
    expect(kindOfFile('blob', Buffer.concat([header, Buffer.from('{"a":1}')]))).toBe('weights')
  })
  it.each([
    ['%PDF-1.7', /a PDF/],
    ['PAR1', /Parquet.*CSV/],
    ['MATLAB 5.0 MAT-file', /writematrix/],
    ['\u001f\u008b', /gzip/],
    ['<svg xmlns="x"/>', /picture/],
    ['<!doctype html><p>', /web page/],
    ['\\documentclass{article}', /LaTeX/],
    ['{"a":1}\n{"a":2}\n', /JSON lines.*to_csv/],
    ['[[1,2],[3,4]]', /is a list/],
    ['{"format":"engram-manifest/1"}', /manifest/],
    ['{"cells":[]}', /none of this studio’s/],
    ['{"a": ', /not JSON/],
    ['Name,State,loss\na,finished,1\n', /table of runs/],
    ['"Relative Time (Process)","a - loss"\n0.5,1\n', /chart over time/],
    ['\u0018\0\0\0\0\0\0\0abcd\t\0\u001abrain.Event:2', /event file/],
    ['\u0080\u0005', /pickle/],
    ['PK\u0003\u0004 readme.md', /ZIP archive/]
  ])('is refused with what it is: %j', (text, message) => {
    expect(() => kindOfFile('x', Buffer.from(text, 'latin1'))).toThrow(message)
  })
  it('is code where its name says so', () => expect(() => kind('a.py', 'import torch')).toThrow(/models folder/))
  it('is no vectors where it is a log, a spreadsheet, a pointer or prose', () => {
    expect(kind('a.csv', 'epoch,loss\n0,1\n')).toBe('log')
    expect(() => kind('a.xlsx', 'PK\u0003\u0004 [Content_Types].xml')).toThrow(/spreadsheet/)
    expect(() => kind('a.csv', 'version https://git-lfs.github.com/spec/v1\n')).toThrow(/Git LFS pointer/)
    expect(() => kind('a.txt', 'once upon a time')).toThrow(/none of what can be taken in besides/)
    expect(() => kind('a.csv', '')).toThrow(/empty/)
  })
})
