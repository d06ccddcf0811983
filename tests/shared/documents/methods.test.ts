import { describe, expect, it } from 'vitest'
import { manifest } from '../../../src-shared/documents/manifest.ts'
import { checklist, methodsText } from '../../../src-shared/documents/methods.ts'
import { checkExperiment } from '../../../src-shared/shapes/experiment.ts'
import { input } from '../support.ts'

describe('the methods paragraph', () => {
  it('says task, models, seeds, losses, statistics and machine, from the provenance', () => {
    const [text] = methodsText(input())
    for (const part of [
      'tested hebb and slots on the task Capacity (s)',
      '3 seeds (seeds 0 to 2), 6 trials in all; 1 diverged and none of these entered a mean',
      'Philox',
      '95 % Student t intervals',
      'Holm-corrected',
      'Engram Studio 0.1.0 (commit abc) on cpu (2 cores, 1 GiB memory), linux; backend cpu (SIMD); Node 24, tfjs 4'
    ])
      expect(text).toContain(part)
  })
  it('names the other generator, and what was swept', () => {
    const data = input()
    const { run } = data.runs[0]
    const experiment = checkExperiment({
      ...run.experiment,
      generator: 'torch',
      sweep: [{ param: 'task.items', values: [5, 10] }],
      seeds: [4, 9]
    })
    const [text] = methodsText({ ...data, runs: [{ run: { ...run, experiment } }] })
    expect(text).toContain('task.items (5, 10)')
    expect(text).toContain('2 seeds (seeds 4, 9)')
    expect(text).toContain('Mersenne Twister')
  })
})

describe('what was foreseen', () => {
  it('is said: findings are exploratory but for what was registered before the run', () => {
    const data = input()
    const { run } = data.runs[0]
    expect(methodsText(data)[0]).toContain('No prediction was registered before the run: what it found is exploratory.')
    const predictions = [{ metric: 'accuracy', at: {}, order: ['hebb', 'slots'] }]
    const experiment = checkExperiment({ ...run.experiment, predictions })
    const [text] = methodsText({ ...data, runs: [{ run: { ...run, experiment } }] })
    expect(text).toContain('1 prediction was registered before the run; everything else it found is exploratory.')
  })
})

describe('the checklist', () => {
  it('answers what the provenance knows and leaves open what only authors know', () => {
    const items = new Map(checklist(input()).map(({ item, answer }) => [item, answer]))
    expect(items.get('Number of runs and seeds')).toBe('6 trials over 3 seeds (seeds 0 to 2).')
    expect(items.get('Computing infrastructure')).toContain('2 cores')
    // Six trials of 1 ms each.
    expect(items.get('Run time')).toMatch(/^1 ms of compute per trial/)
    for (const open of ['Limitations', 'Energy used', 'Link to code and data, with licence'])
      expect(items.get(open)).toBeNull()
  })
})

describe('the manifest', () => {
  it('holds what it takes to run everything again, and no result', () => {
    const made = manifest(input()) as Record<string, never[]>
    expect(made.runs[0]).toMatchObject({
      experiment: { format: 'engram-experiment/1' },
      seeds: [0, 1, 2],
      provenance: { version: '0.1.0', commit: 'abc', generator: 'philox' },
      trials: { planned: 6, done: 5, diverged: 1 }
    })
    expect((made.runs[0] as { identities: unknown[] }).identities).toHaveLength(6)
    expect(made.tasks).toMatchObject([{ id: 'capacity', revision: 1 }])
    expect(JSON.stringify(made)).not.toContain('"accuracy":')
  })
})
