import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { builtInRegistry } from '../../../../src-main/engine/worker/registry.ts'
import { verifyRecallFixture } from '../../../../src-main/engine/verify/recall-fixture.ts'

type Json = Record<string, unknown> & { steps: Record<string, unknown>[] }
const golden = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../../../golden/${name}.json`, import.meta.url), 'utf8')) as Json
const registry = builtInRegistry()

describe('a recall fixture', () => {
  it.each(['tcm-previous', 'tcm-updated', 'cmr'])('%s passes within its tolerance', async (name) => {
    const verdict = await verifyRecallFixture(golden(name), registry)
    expect(verdict.failedAt).toBeUndefined()
    expect(verdict.worst).toBeLessThan(1e-6)
  })

  it('whose expected value is wrong fails at that field', async () => {
    const fixture = golden('tcm-updated')
    const at = fixture.steps.findIndex((step) => step.op === 'activation')
    ;(fixture.steps[at].expect as { data: number[] }).data[0] += 0.01
    expect(await verifyRecallFixture(fixture, registry)).toMatchObject({ failedAt: `steps.${at}.expect` })
  })

  it('whose race names another winner fails at the winner', async () => {
    const fixture = golden('cmr')
    const at = fixture.steps.findIndex((step) => step.op === 'race')
    fixture.steps[at].winner = 0
    expect(await verifyRecallFixture(fixture, registry)).toMatchObject({ failedAt: `steps.${at}.winner` })
  })

  const refused: [string, (fixture: Json) => void, string][] = [
    ['an unknown op', (f) => (f.steps[0].op = 'dream'), 'steps.0.op'],
    ['an unknown model', (f) => (f.model = 'nobody'), 'model'],
    ['a model that is none of free recall', (f) => Object.assign(f, { model: 'hopfield', params: {} }), 'model'],
    ['an unknown parameter', (f) => Object.assign(f.params as object, { gamma: 1 }), 'params.gamma'],
    ['no pool', (f) => delete f.pool, 'pool'],
    ['an item outside the pool', (f) => (f.steps[0].items = [99]), 'steps.0.items'],
    ['an expectation that is missing', (f) => delete f.steps[2].expect, 'steps.2.expect'],
    ['a state of another shape', (f) => (f.steps[1].temporal = { shape: [2], data: [1, 0] }), 'steps.1.temporal'],
    ['a state the model lacks', (f) => (f.steps[1].mood = { shape: [1], data: [1] }), 'steps.1.mood'],
    ['a number that is not finite', (f) => (f.steps[2].expect = { shape: [1], data: [null] }), 'steps.2.expect.data.0'],
    ['a similarity of another size', (f) => (f.similarity = { shape: [1, 1], data: [1] }), 'similarity'],
    ['too few sources', (f) => (f.steps[0].sources = [0]), 'steps.0.sources'],
    ['more distractors than it reserves', (f) => (f.distractors = 0), 'steps.0']
  ]
  it.each(refused)('with %s is refused by its field', async (_, spoil, field) => {
    const fixture = golden('cmr')
    spoil(fixture)
    await expect(verifyRecallFixture(fixture, registry)).rejects.toMatchObject({ data: { field } })
  })
})
