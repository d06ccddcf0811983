import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FigurePoint, FigureSpec } from '../../../src-shared/figures/spec.ts'
import { exportRuns } from '../../../src-shared/documents/run-files.ts'
import { latexFigure, mostCoordinates, pgfplots } from '../../../src-shared/figures/pgfplots.ts'
import { hostileNames, input } from '../support.ts'
import { latexProblems } from '../text/latex-structure.ts'

const style = { colour: '#0072b2', dash: [6, 4], marker: 'square' as const }
const spec: FigureSpec = {
  title: 'Cosine',
  x: { label: 'Items', unit: 'pairs', scale: 'log' },
  y: { label: 'Cosine', scale: 'linear', direction: 'higher', range: [0, 1] },
  series: [
    {
      label: 'Hebb_1',
      style,
      points: [
        { x: 5, y: 0.9, low: 0.85, high: 0.97, n: 3 },
        { x: 10, y: 0.8, n: 1 },
        { x: 20, y: null, n: 0 },
        { x: 40, y: 1e-7, low: -0.1, high: 0.1, n: 3 }
      ]
    }
  ],
  references: [
    { label: 'chance (0.1)', dash: [2, 3], y: 0.1 },
    { label: 'Hebb_1: theory', dash: [6, 4], colour: '#0072b2', tex: '\\frac1{\\sqrt{2}}', points: [{ x: 5, y: 1 }] }
  ],
  bands: [{ label: 'Hebb_1: predicted', x: 10, low: 0.7, high: 0.9, colour: '#0072b2' }],
  interval: 'bars',
  method: '95 % Student t interval over seeds, n = 1 to 3',
  remarks: ['Hebb_1, measured minus theory: rms 0.1, largest 0.1 at 5']
}
const text = (of: FigureSpec): string => pgfplots(of).join('\n')
const line = (points: FigurePoint[], over: Partial<FigureSpec> = {}): FigureSpec => ({
  ...spec,
  ...over,
  references: [],
  bands: [],
  series: [{ label: 'a', style, points }]
})
/** Coordinates of the plot with a legend entry, read back by the syntax of pgfplots. */
const coordinates = (latex: string, legend: string): [number, number][] => {
  const [, body] = new RegExp(`coordinates \\{([^}]*)\\};\\s*\\\\addlegendentry\\{${legend}\\}`).exec(latex)!
  return [...body.matchAll(/^\s*\(([^,]+),([^)]+)\)/gm)].map(([, x, y]) => [Number(x), Number(y)])
}

describe('a figure for LaTeX', () => {
  it('holds every point with its interval as distances from the mean, and a gap where there is no value', () => {
    const latex = text(spec)
    expect(latex).toContain('(5,0.9) += (0,0.07) -= (0,0.05)')
    expect(latex).toContain('(10,0.8)\n')
    expect(latex).toContain('(20,nan)')
    // The interval reaches below the axis, which begins at 0: it is drawn to there.
    expect(latex).toContain('(40,1e-7) += (0,0.0999999) -= (0,1e-7)')
    expect(coordinates(latex, 'Hebb\\\\_1')).toHaveLength(4)
  })
  it('has axis titles with units, a logarithmic axis, the swept values as ticks, and the model’s look', () => {
    const latex = text(spec)
    expect(latex).toContain('xlabel={Items (pairs)}, ylabel={Cosine $\\uparrow$}')
    expect(latex).toContain('xmode=log')
    expect(latex).not.toContain('ymode=log')
    expect(latex).toContain('xtick={5,10,20,40}, xticklabels={{$5$},{$10$},{$20$},{$40$}}')
    expect(latex).toContain('\\definecolor{engram0072B2}{HTML}{0072B2}')
    expect(latex).toContain('dash pattern=on 4.5pt off 3pt, mark=square*')
  })
  it('draws chance across the axis, theory dashed, and what was predicted as a box', () => {
    const latex = text(spec)
    const [from, to] = coordinates(latex, 'chance \\(0.1\\)')
    expect([from[1], to[1]]).toEqual([0.1, 0.1])
    expect(from[0]).toBeLessThan(5)
    expect(to[0]).toBeGreaterThan(40)
    expect(coordinates(latex, 'Hebb\\\\_1: theory')).toEqual([[5, 1]])
    expect(latex).toMatch(/\\draw\[.*\] \(\[xshift=-6pt\]axis cs:10,0.7\) rectangle \(\[xshift=6pt\]axis cs:10,0.9\);/)
  })
  it('says title, method, formula and residual below it', () => {
    const latex = latexFigure(spec, 'fig:a b', 'Mine: 50 %.')
    expect(latex).toContain(
      '\\caption{Mine: 50 \\%. 95 \\% Student t interval over seeds, n = 1 to 3. Shaded: predicted before the run. ' +
        'Dashed: Hebb\\_1: theory $\\frac1{\\sqrt{2}}$. Hebb\\_1, measured minus theory: rms 0.1, largest 0.1 at 5.}'
    )
    expect(latex).toContain('\\label{fig:a-b}')
    expect(latexFigure(spec, 'x')).toContain('\\caption{Cosine.')
  })
  it('draws a band along a curve and fewer points of a long one, with every extreme, and says so', () => {
    const points = Array.from({ length: 5000 }, (_, x) => ({
      x,
      y: x === 1234 ? 50 : Math.sin(x / 50),
      low: -1,
      high: 2
    }))
    const latex = text(
      line(points, { interval: 'band', x: { label: 'Step', scale: 'linear' }, y: { label: 'Loss', scale: 'linear' } })
    )
    expect(latex).toContain('fill opacity=0.18, forget plot')
    expect(latex).toContain('} -- cycle;')
    expect(latex).toContain(`% 5000 points shown by the lowest and the highest of each bin: ${mostCoordinates}`)
    const drawn = coordinates(latex, 'a')
    expect(drawn).toHaveLength(mostCoordinates)
    expect(drawn).toContainEqual([1234, 50])
    expect(latex).toBe(
      text(
        line(points, { interval: 'band', x: { label: 'Step', scale: 'linear' }, y: { label: 'Loss', scale: 'linear' } })
      )
    )
  })
  it('leaves out what has no place on a logarithmic axis, and says so', () => {
    const latex = text(
      line(
        [
          { x: 1, y: 0.5 },
          { x: 2, y: 0 },
          { x: 3, y: 0.25, low: -1, high: 0.3 }
        ],
        {
          y: { label: 'Error', scale: 'log' }
        }
      )
    )
    expect(latex).toContain('% 1 of 3 points have no place on a logarithmic axis')
    expect(coordinates(latex, 'a')).toEqual([
      [1, 0.5],
      [3, 0.25]
    ])
    expect(latex).not.toMatch(/NaN|Infinity/)
  })
  it('names the categories of an axis', () => {
    const x = { label: 'Model', scale: 'category' as const, categories: ['a_b', 'c'] }
    expect(
      text(
        line(
          [
            { x: 0, y: 1 },
            { x: 1, y: 0.5 }
          ],
          { x }
        )
      )
    ).toContain('xtick={0,1}, xticklabels={{a\\_b},{c}}')
  })
  it('is whole whatever is drawn and whatever it is called', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
    const value = fc.oneof(
      fc.constant(null),
      double.filter((y) => Math.abs(y) > 1e-9)
    )
    const name = fc.oneof(fc.constantFrom(...hostileNames), fc.string({ unit: 'grapheme', maxLength: 20 }))
    fc.assert(
      fc.property(name, fc.array(value, { maxLength: 60 }), fc.boolean(), (label, values, log) => {
        const points = values.map((y, i) => ({ x: i + 1, y, ...(y !== null && { low: y - 1, high: y + 1 }) }))
        const figure: FigureSpec = {
          ...line(points, { y: { label, scale: log ? 'log' : 'linear' }, title: label }),
          series: [{ label, style, points }],
          references: [{ label, dash: [], y: 0.5 }]
        }
        const latex = latexFigure(figure, label)
        expect(latexProblems(latex)).toEqual([])
        expect(latex).not.toMatch(/NaN|Infinity|undefined/)
      }),
      { numRuns: 200 }
    )
  })
})

it('the LaTeX export of a run holds a figure for each of its metrics beside the tables', () => {
  const { content } = exportRuns('latex', input())
  expect(content).toContain('\\begin{tabular}')
  expect(content.match(/\\begin\{tikzpicture\}/g)).toHaveLength(1)
  expect(content).toContain('\\addlegendentry{hebb}')
  expect(content).toContain('% \\usepackage{amsmath,booktabs,pgfplots}')
})
