import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { parseResults } from '../../../src-shared/exchange/results-file.ts'
import { openingFigure } from '../../../src-shared/documents/opening-figure.ts'
import { largestReference, resultsOfRecord } from '../../../src-shared/exchange/ready-results.ts'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import { canonical, trialIdentity } from '../../../src-shared/grid/identity.ts'
import { builtInModels } from '../../../src-main/models/registry.ts'
import { exampleFigure, examples } from '../../../src-main/studio/examples.ts'
import { tasks } from '../../../src-main/tasks/registry.ts'

const folder = join(import.meta.dirname, '../../../resources/reference')
const catalog = { tasks: [...tasks], models: builtInModels.map((m) => ({ ...m, origin: 'built-in' as const })) }
const shipped = readdirSync(folder).filter((file) => file.endsWith('.gz'))

describe('the results of ready examples that ship', () => {
  it('belong to every example that needs no tuning, and are small', () => {
    const untuned = examples().flatMap(({ file, experiment }) => (experiment.tuning ? [] : [`${file}.gz`]))
    expect(shipped).toEqual(expect.arrayContaining(untuned))
    const sizes = shipped.map((file) => statSync(join(folder, file)).size)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(largestReference)
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(6_000_000)
  })

  it.each(shipped)('%s is what its example computes today, as npm run reference wrote it', (file) => {
    const [record, ...others] = parseResults(gunzipSync(readFileSync(join(folder, file))).toString('utf8')).runs
    expect(others).toEqual([])
    const example = examples().find((known) => `${known.file}.gz` === file)
    expect(canonical(record.experiment)).toBe(canonical(example?.experiment))
    expect(record.status).toBe('done')
    expect(record.provenance).toMatchObject({ generator: record.experiment.generator, exit: 'done' })
    const { grid } = expandGrid(record.experiment, catalog)
    expect(record.cells).toHaveLength(grid!.cells.length)
    const byPlace = new Map(record.results.map((trial) => [`${trial.cell} ${trial.seed}`, trial]))
    expect(byPlace.size).toBe(grid!.trials)
    // A model or task whose numbers changed counts up its revision, which changes the identity of its trials.
    if (!grid!.tuning)
      for (const [i, cell] of grid!.cells.entries()) {
        const known = (kind: string) => catalog.models.find(({ id }) => id === kind)
        const { hash } = trialIdentity(grid!.task, cell, known, grid!.seeds[0], record.experiment.generator)
        expect(byPlace.get(`${i} ${grid!.seeds[0]}`)?.hash).toBe(hash)
      }
  })
})

describe('the figure of an example', () => {
  it('shows every model of the experiment, in the colours of the theme, without title and legend', () => {
    const [light, dark] = [false, true].map((theme) => exampleFigure('quickstart.json', theme, catalog)!)
    const { experiment } = examples()[0]
    expect(light.legend.map(({ label }) => label)).toEqual(experiment.models.map(({ label }) => label))
    expect(light.svg).toContain('Accuracy ↑')
    expect(light.svg).not.toContain('font-weight="600"')
    expect(dark.legend[0].style.colour).not.toBe(light.legend[0].style.colour)
  })
  it('shows the means of the trials that ship', () => {
    const file = gunzipSync(readFileSync(join(folder, 'quickstart.json.gz'))).toString('utf8')
    const [record] = parseResults(file).runs
    const look = { colour: 'black', dash: [], marker: 'circle' } as const
    const spec = openingFigure(
      resultsOfRecord(
        record,
        tasks.find(({ id }) => id === 'capacity')
      ),
      catalog,
      () => look
    )!
    for (const { label, points } of spec.series)
      for (const { x, y } of points) {
        const own = record.results.filter(
          ({ cell }) => record.cells[cell].label === label && record.cells[cell].point.items === x
        )
        expect(own).toHaveLength(20)
        expect(y).toBeCloseTo(own.reduce((sum, { metrics }) => sum + metrics.accuracy, 0) / own.length, 12)
      }
    expect(spec.series.map(({ members }) => members)).toEqual(spec.series.map(() => undefined))
  })
  it('opens with the series that its task names', () =>
    expect(exampleFigure('contiguity.json', false, catalog)!.svg).toContain('Lag from the cue'))
  it('is none for an example without results, and for no example at all', () => {
    expect(exampleFigure('quickstart.json', false, catalog, '/nowhere')).toBeNull()
    expect(exampleFigure('../../package.json', false, catalog)).toBeNull()
  })
})
