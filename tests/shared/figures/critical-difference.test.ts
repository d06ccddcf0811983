import { describe, expect, it } from 'vitest'
import { benchmarkTables } from '../../../src-shared/documents/benchmark-tables.ts'
import { rankDiagram, rankDiagramSvg } from '../../../src-shared/figures/critical-difference.ts'
import { benchmark } from '../../../src-shared/findings/benchmark.ts'
import { cellResult } from '../../support/cell-result.ts'

const scores = { a: [0.9, 0.8, 0.85], 'b & c': [0.5, 0.6, 0.55], d: [0.2, 0.3, 0.1] }
const found = benchmark(
  [
    {
      name: 'Task',
      metric: { name: 'x', label: 'X', direction: 'higher', tex: '', help: '', range: [0, 1] },
      taskParams: {},
      cells: Object.entries(scores).map(([label, values]) => cellResult(label, values, { metric: 'x' }))
    }
  ],
  ({ label }) => label
)!

describe('the critical-difference diagram', () => {
  it('has every model at its rank, the best on the left, and bars over those within the difference', () => {
    const { width, texts, lines } = rankDiagram(found.ranks!)
    const names = texts.filter(({ text }) => /[a-d]/.test(text) && !text.startsWith('CD')).map(({ text }) => text)
    expect(names).toEqual(['a 1.00', 'b & c 2.00', '3.00 d'])
    // CD = 2.343 sqrt(12 / 18) = 1.91: neighbours are not told apart, the ends are.
    expect(texts[0].text).toBe('CD = 1.91')
    expect(lines.filter(({ strong }) => strong)).toHaveLength(3)
    for (const { x1, x2 } of lines)
      for (const x of [x1, x2]) expect(x).toSatisfy((at: number) => at >= 0 && at <= width)
  })
  it('escapes names in its file', () => expect(rankDiagramSvg(found.ranks!)).toContain('b &amp; c'))
})

describe('the tables of a benchmark', () => {
  it('say every number with its method, and each column its formula and source', () => {
    const [own, pairs] = benchmarkTables(found)
    expect(own.rows[0][0]).toBe('a')
    expect(own.rows[0][3]).toMatch(/^0\.850 \[0\.8\d\d, 0\.8\d\d\]$/)
    expect(own.note).toContain('percentile bootstrap over seeds, 2000 draws')
    expect(pairs.rows).toHaveLength(3)
    expect(pairs.note).toContain('Friedman over 3 seeds')
    for (const { about } of [...own.columns, ...pairs.columns].filter(({ number }) => number)) {
      expect(about?.tex).not.toBe('')
      expect(about?.help).toMatch(/\(\d{4}/)
    }
  })
})
