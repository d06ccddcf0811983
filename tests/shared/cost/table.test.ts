import { expect, it } from 'vitest'
import { costDefaults } from '../../../src-shared/cost/symbols.ts'
import { costLatex, memoryCosts } from '../../../src-shared/cost/table.ts'
import { escapeLatex } from '../../../src-shared/text/latex.ts'

it('a memory’s numbers are those the specification quotes', () => {
  const { asymptotic, exact } = memoryCosts('attention', costDefaults)
  expect(asymptotic).toEqual({
    flopsPerToken: 128 * 512,
    flopsPerSequence: 128 * 128 * 512,
    flopsPerChunk: 64 * 64 * 512,
    stateBytes: 128 * 512 * 4,
    // Read in chunks that do not look back: C d B.
    chunkStateBytes: 64 * 512 * 4
  })
  expect(exact).toMatchObject({
    flopsPerToken: 8 * 512 * 512 + 4 * 128 * 512,
    flopsPerTokenMean: 285_343_744 / 128,
    flopsPerSequence: 285_343_744,
    softmaxFlopsPerSequence: 5 * 8 * ((128 * 129) / 2),
    parameters: 4 * 512 * 512 + 4 * 512,
    parameterBytes: 4 * (4 * 512 * 512 + 4 * 512),
    stateBytes: 2 * 128 * 512 * 4
  })
})

it('the LaTeX table has one line per memory and view, between the rules of booktabs', () => {
  const text = costLatex([{ name: 'A', input: costDefaults }], ['attention', 'episodic'])
  const body = text.slice(text.indexOf('\\midrule'), text.indexOf('\\bottomrule'))
  expect(body.match(/\\\\$/gm)).toHaveLength(4)
  expect(body).toContain('Attention & exact & 2.36 M & 285 M & 138 M & 1.05 M & 512 KiB \\\\')
  expect(text).toContain('\\toprule')
  expect(text).toContain('\\begin{tabular}{llrrrrr}')
})

it('names of parameter sets are escaped and get a column when there are several', () => {
  const text = costLatex(
    [
      { name: 'wide_50% & more', input: costDefaults },
      { name: 'B', input: costDefaults }
    ],
    ['neural']
  )
  expect(text).toContain('wide\\_50\\% \\& more & Neural memory & asymptotic')
  expect(escapeLatex('a\\b{c}~^#$')).toBe('a\\textbackslash{}b\\{c\\}\\textasciitilde{}\\textasciicircum{}\\#\\$')
})
