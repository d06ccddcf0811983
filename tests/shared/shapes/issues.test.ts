import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { calls } from '../../../src-shared/contract/index.ts'
import { resultsFileSchema } from '../../../src-shared/exchange/results-file.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { experimentSchema, parseExperiment } from '../../../src-shared/shapes/experiment.ts'
import { complaint } from '../../../src-shared/shapes/issues.ts'
import { textOf } from '../../../src-shared/text/read.ts'

const folder = 'tests/cases/experiment'

/** Whatever a schema holds, with the path that leads there and a value for what surrounds it. */
const wrongValues: unknown[] = [null, 7.5, 'wrong', true, [], [null], {}, { wrong: 1 }, Symbol('wrong')]
const expects =
  /^(It is missing; it must be|It must be|There is no key|Too (small|big)|Invalid string|Invalid (ISO|base64|datetime|key)|.* (must|is|are|has|have|holds|belongs|one of) )/

/** Every schema inside a schema. */
function* inside(schema: z.ZodType, seen = new Set<z.ZodType>()): Generator<z.ZodType> {
  if (seen.has(schema)) return
  seen.add(schema)
  yield schema
  const { def } = schema as unknown as { def: Record<string, unknown> }
  // Checks of values are no schemas of their own, though they are made as such.
  const parts = Object.entries(def).flatMap(([name, value]) => (name === 'checks' ? [] : [value]))
  for (const part of parts.flatMap((value) =>
    value instanceof z.ZodType
      ? [value]
      : Array.isArray(value)
        ? value
        : value && typeof value === 'object'
          ? Object.values(value)
          : []
  ))
    if (part instanceof z.ZodType && !(part instanceof z.ZodTransform)) yield* inside(part, seen)
}

describe('a complaint', () => {
  const all = [
    ['the experiment', experimentSchema],
    ['the results file', resultsFileSchema],
    ...Object.entries(calls).flatMap(([name, { input, output }]) => [
      [name, input],
      [`${name} out`, output]
    ])
  ] as [string, z.ZodType][]
  it.each(all)('of %s says what is expected, whatever stands there', (_, schema) => {
    for (const part of inside(schema))
      for (const wrong of wrongValues) {
        const found = part.safeParse(wrong)
        if (found.success) continue
        const { message } = complaint(found.error, wrong)
        expect(message).not.toMatch(/invalid input/i)
        expect(message).toMatch(expects)
      }
  })
  it('names the path of what is wrong inside the branch of a union that is meant', () => {
    const experiment = (change: object): unknown => ({
      format: 'engram-experiment/1',
      name: 't',
      task: { kind: 'capacity' },
      models: [{ kind: 'hopfield' }],
      ...change
    })
    const said = (change: object) => {
      const json = experiment(change)
      return complaint(experimentSchema.safeParse(json).error!, json)
    }
    expect(said({ seeds: { count: 'three' } })).toEqual({
      field: 'seeds.count',
      message: 'It must be a number, not "three".'
    })
    expect(said({ sweep: [{ param: 'task.items', values: 'all' }] }).field).toBe('sweep.0.values')
    expect(said({ colour: 1 }).message).toBe('There is no key "colour" here.')
  })
  it('about seeds says what seeds may be', () => {
    const read = () => parseExperiment(readFileSync(join(folder, 'seeds-number.json'), 'utf8'), 'seeds-number.json')
    expect(read).toThrow(StudioError)
    expect(read).toThrow(
      /It must be an object with count: a whole number or a list, not 5|an object {\.\.\.} or a list, not 5/
    )
  })
})

it('an experiment with a byte order mark and CR LF is read', () => {
  expect(parseExperiment(textOf(readFileSync(join(folder, 'bom-crlf.json'))), 'bom-crlf.json')).toMatchObject({
    name: 't'
  })
})
