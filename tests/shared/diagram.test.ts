import { describe, expect, it } from 'vitest'
import { diagramSchema, diagramText, pieces } from '../../src-shared/diagram.ts'

describe('a protocol’s diagram', () => {
  it('sets below what follows a low line: one sign, or all in braces', () => {
    expect(pieces('k_1 → x_{i+1}, v')).toEqual([
      { text: 'k', below: false },
      { text: '1', below: true },
      { text: ' → x', below: false },
      { text: 'i+1', below: true },
      { text: ', v', below: false }
    ])
    expect(pieces('plain')).toEqual([{ text: 'plain', below: false }])
    expect(pieces('_')).toEqual([{ text: '_', below: false }])
  })

  it('is told in words in the order of its phases', () => {
    const text = diagramText([
      {
        repeat: 'for every N',
        phases: [
          { kind: 'study', title: 'Study', times: '× writes', rows: [['k_1', 'v_1'], '⋮'] },
          { kind: 'cue', title: 'Cue', rows: [{ group: 'targets', rows: ['w_1'] }, { note: 'with noise' }] }
        ]
      },
      { kind: 'judge', title: 'Judge', rows: ['r = v ?'] }
    ])
    expect(text).toBe(
      'for every N [Study × writes: k1 → v1, and so on; Cue: targets: w1, (with noise)]; Judge: r = v ?'
    )
  })

  it('refuses markup in place of data, unknown phases, and boxes too long to draw', () => {
    const phase = { kind: 'cue', title: 'Cue', rows: ['k'] }
    expect(diagramSchema.safeParse([phase]).success).toBe(true)
    for (const bad of [
      { ...phase, kind: 'dance' },
      { ...phase, html: '<b>' },
      { ...phase, rows: [] },
      { ...phase, rows: ['x'.repeat(61)] },
      { repeat: 'twice', phases: [] }
    ])
      expect(diagramSchema.safeParse([bad]).success, JSON.stringify(bad)).toBe(false)
  })
})
