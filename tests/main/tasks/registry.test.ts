import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diagramSchema } from '../../../src-shared/diagram.ts'
import { expandGrid, parseExperiment } from '../../../src-shared/experiment.ts'
import { builtInModels } from '../../../src-main/models/registry.ts'
import { tasks } from '../../../src-main/tasks/registry.ts'

const folder = new URL('../../../resources/experiments/', import.meta.url)
const examples = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({ file, experiment: parseExperiment(readFileSync(new URL(file, folder), 'utf8'), file) }))
const catalog = { tasks: [...tasks], models: builtInModels.map((m) => ({ ...m, origin: 'built-in' })) }

describe('the tasks', () => {
  it('have one id each', () => expect(new Set(tasks.map((t) => t.id)).size).toBe(tasks.length))
  it.each(tasks.map((t) => [t.id, t] as const))('%s names only metrics and parameters that it has', (_, task) => {
    const metrics = task.metrics.map((m) => m.name)
    expect(metrics).toContain(task.mainMetric)
    expect(new Set(metrics).size).toBe(metrics.length)
    for (const derived of task.derived) {
      expect(metrics).toContain(derived.metric)
      expect(Object.keys(task.params)).toContain(derived.axis)
    }
    for (const axis of Object.keys(task.defaultSweep)) expect(Object.keys(task.params)).toContain(axis)
    for (const { chance } of task.metrics)
      if (typeof chance === 'object') expect(Object.keys(task.params)).toContain(chance.oneOver)
    expect(task.protocol.length).toBeGreaterThan(1)
  })
  it.each(tasks.map((t) => [t.id, t] as const))(
    '%s draws its protocol: what it does, then how it is judged',
    (_, task) => {
      const phases = diagramSchema.parse(task.diagram).flatMap((step) => ('repeat' in step ? step.phases : [step]))
      const kinds = phases.map(({ kind }) => kind)
      expect(kinds.at(-1)).toBe('judge')
      expect(kinds.findIndex((kind) => kind === 'study' || kind === 'train')).toBeGreaterThanOrEqual(0)
      expect(kinds.indexOf('cue')).toBeGreaterThanOrEqual(0)
      expect(kinds.includes('train')).toBe(task.needs.training === true)
    }
  )
  it.each(tasks.map((t) => [t.id]))('%s has a ready example', (id) =>
    expect(examples.some(({ experiment }) => experiment.task.kind === id)).toBe(true)
  )
})

describe('the ready examples', () => {
  it.each(examples.map((e) => [e.file, e.experiment] as const))('%s expands without an error', (_, experiment) => {
    expect(expandGrid(experiment, catalog).errors).toEqual([])
    expect(experiment.description.length).toBeGreaterThan(40)
  })
})
