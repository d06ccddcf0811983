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
  it('is no vectors where it is a log, a spreadsheet, a pointer or prose', () => {
    expect(kind('a.csv', 'epoch,loss\n0,1\n')).toBe('log')
    expect(() => kind('a.xlsx', 'PK\u0003\u0004 [Content_Types].xml')).toThrow(/spreadsheet/)
    expect(() => kind('a.csv', 'version https://git-lfs.github.com/spec/v1\n')).toThrow(/Git LFS pointer/)
    expect(() => kind('a.txt', 'once upon a time')).toThrow(/none of what can be taken in besides/)
    expect(() => kind('a.csv', '')).toThrow(/empty/)
  })
})
