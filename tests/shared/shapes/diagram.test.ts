import { describe, expect, it } from 'vitest'
import { diagramText, phasesOf, type Diagram } from '../../../src-shared/shapes/diagram.ts'

const diagram: Diagram = [
  { kind: 'draw', title: 'Draw', lines: ['N pairs'] },
  {
    repeat: 'each list',
    phases: [
      { kind: 'study', title: 'Study', lines: ['k₁ → v₁', '… N pairs'] },
      { kind: 'cue', title: 'Cue', lines: ['kᵢ → rᵢ'] }
    ]
  },
  { kind: 'judge', title: 'Judge', lines: ['= vᵢ ?'] }
]

describe('a diagram of a protocol', () => {
  it('has its phases in time order, those of a loop among them', () =>
    expect(phasesOf(diagram).map(({ kind }) => kind)).toEqual(['draw', 'study', 'cue', 'judge']))
  it('says itself in words, with what is repeated', () =>
    expect(diagramText(diagram)).toBe(
      'Draw: N pairs. For each list: Study: k₁ → v₁, … N pairs. Cue: kᵢ → rᵢ. Judge: = vᵢ ?.'
    ))
})
