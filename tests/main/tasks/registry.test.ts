import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diagramLimits, phasesOf } from '../../../src-shared/shapes/diagram.ts'
import { misfit, modelIn, taskIn } from '../../../src-shared/shapes/catalog.ts'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import { parseExperiment } from '../../../src-shared/shapes/experiment.ts'
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
      // A quantity may be read off a parameter of the models that the task tests.
      const tested = catalog.models.filter((model) => misfit(task, model) === undefined)
      expect([task, ...tested].flatMap(({ params }) => Object.keys(params))).toContain(derived.axis)
    }
    for (const axis of Object.keys(task.defaultSweep)) expect(Object.keys(task.params)).toContain(axis)
    for (const { chance } of task.metrics)
      if (typeof chance === 'object') expect(Object.keys(task.params)).toContain(chance.oneOver)
    if (task.theory) {
      expect(metrics).toContain(task.theory.metric)
      for (const from of [...Object.values(task.theory.quantities), ...Object.values(task.theory.setting)])
        if (typeof from === 'object') expect(Object.keys(task.params)).toContain(from.param)
    }
    expect(task.protocol.length).toBeGreaterThan(1)
  })
  it.each(tasks.map((t) => [t.id, t.diagram] as const))('%s has a diagram that fits on a card', (_, diagram) => {
    const phases = phasesOf(diagram)
    const within = (count: number, [from, to]: readonly [number, number]): boolean => from <= count && count <= to
    expect(phases.length).toSatisfy((count: number) => within(count, diagramLimits.phases))
    expect(phases.at(-1)?.kind).toBe('judge')
    expect(phases.some(({ kind }) => kind === 'study' || kind === 'train')).toBe(true)
    for (const { lines } of phases)
      expect(lines.length).toSatisfy((count: number) => within(count, diagramLimits.lines))
    const tooLong = (texts: readonly string[], most: number): string[] =>
      texts.filter((text) => text.trim() === '' || [...text.normalize()].length > most)
    expect(
      tooLong(
        phases.map(({ title }) => title),
        diagramLimits.title
      )
    ).toEqual([])
    expect(
      tooLong(
        phases.flatMap(({ lines }) => lines),
        diagramLimits.line
      )
    ).toEqual([])
    expect(
      tooLong(
        diagram.flatMap((step) => ('repeat' in step ? [step.repeat] : [])),
        diagramLimits.repeat
      )
    ).toEqual([])
  })
  it.each(tasks.map((t) => [t.id]))('%s has a ready example', (id) =>
    expect(examples.some(({ experiment }) => experiment.task.kind === id)).toBe(true)
  )
})

describe('the models', () => {
  it('name only parameters of their own where they say which law they obey', () => {
    for (const { params, theory = [] } of builtInModels)
      for (const law of theory)
        for (const name of [...Object.keys(law.params ?? {}), ...Object.values(law.quantities ?? {})])
          expect(Object.keys(params)).toContain(name)
  })
  it('of the scripts have a place each', () => {
    const places = builtInModels.flatMap(({ scripted }) => scripted ?? [])
    expect(places.sort()).toEqual(places.map((_, i) => i + 1))
  })
})

describe('a task for models of a kind', () => {
  const sentence = (task: string, model: string): string | undefined =>
    misfit(taskIn(catalog, task)!, modelIn(catalog, model)!)
  it('takes those that declare what it needs, and says of another what it lacks', () => {
    expect(sentence('multi-scale', 'hierarchical-linear')).toBeUndefined()
    expect(sentence('granularity', 'true-matrix')).toBeUndefined()
    expect(sentence('granularity', 'mixture')).toBe(
      'Temporal granularity tests models that weigh episodes by their age; Mixture of memories does not.'
    )
    expect(sentence('internal-dimension', 'hopfield')).toMatch('of a dimension of their own')
  })
  it('takes the memories of its script alone', () => {
    expect(sentence('ar-comparison', 'graph')).toBeUndefined()
    expect(sentence('ar-interference', 'gated-episodic')).toBeUndefined()
    expect(sentence('ar-interference', 'graph')).toMatch('is a fixed script, in which')
    expect(sentence('ar-comparison', 'hopfield')).toMatch('is a fixed script, in which')
  })
})

describe('the ready examples', () => {
  it.each(examples.map((e) => [e.file, e.experiment] as const))('%s expands without an error', (_, experiment) => {
    expect(expandGrid(experiment, catalog).errors).toEqual([])
    expect(experiment.description.length).toBeGreaterThan(40)
  })
})
