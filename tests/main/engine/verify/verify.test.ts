import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { verifyFolder, type VerifyReport } from '../../../../src-main/engine/verify/verify.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const golden = join(import.meta.dirname, '../../../golden')
const read = (name: string): Record<string, never> =>
  JSON.parse(readFileSync(join(golden, name), 'utf8')) as Record<string, never>

interface Tensor {
  shape: number[]
  data: (number | null)[]
}
interface Fixture {
  model: string
  params: Record<string, unknown>
  weights: Record<string, Tensor>
  steps: Record<string, Tensor>[]
  tolerance?: object
}

let folder: string
beforeEach(() => {
  folder = temporaryFolder('verify')
})

function put(name: string, change: (fixture: Fixture) => void, from = 'fast-weights.json'): void {
  const fixture = read(from) as unknown as Fixture
  change(fixture)
  writeFileSync(join(folder, name), JSON.stringify(fixture))
}
const verify = (lines: string[] = []): Promise<VerifyReport> =>
  verifyFolder(folder, { backends: ['wasm'], onLine: (line) => void lines.push(line) })

describe('verifying a folder of fixtures', () => {
  it('passes true values, says the largest error, and ends with the sum', async () => {
    put('a.json', () => undefined)
    put('b.json', () => undefined, 'stacked.json')
    put('rng.json', () => undefined, 'torch-rng.json')
    const lines: string[] = []
    expect(await verify(lines)).toMatchObject({ passed: 3, failed: 0 })
    expect(lines).toHaveLength(5)
    expect(lines[0]).toMatch(/^on {4}wasm {4}\S/)
    expect(lines[2]).toMatch(/^pass {2}wasm {4}a\.json {2}largest error \d\.\de-\d+$/)
    expect(lines[4]).toBe('3 passed, 0 failed')
  })

  it('computes on plain ops where it is asked to, and on fused kernels again afterwards', async () => {
    put('a.json', () => undefined, 'delta-rule.json')
    const fused = await verify()
    const lines: string[] = []
    const plain = await verifyFolder(folder, { backends: ['wasm'], plain: true, onLine: (line) => lines.push(line) })
    expect([fused.plain, plain.plain, plain.passed]).toEqual([false, true, 1])
    expect(lines).toContain('on plain tensor ops, without fused kernels')
    // They round differently.
    expect(plain.results[0].worst).not.toBe(fused.results[0].worst)
    expect((await verify()).results).toEqual(fused.results)
  })

  it('holds to 2e-5 + 2e-4 |expected| where no tolerance is given, or just a part of it', async () => {
    // The first number expected is put off by so much beside what a fixture without a tolerance allows.
    const off = (factor: number) => (f: Fixture) => {
      const [expected] = f.steps[4].expect.data as number[]
      f.steps[4].expect.data[0] = expected + factor * (2e-5 + 2e-4 * Math.abs(expected))
    }
    put('a-none.json', (f) => delete f.tolerance, 'hopfield.json')
    put('b-part.json', (f) => (f.tolerance = { relative: 2e-4 }), 'hopfield.json')
    put('c-near.json', (f) => (delete f.tolerance, off(0.9)(f)), 'hopfield.json')
    put('d-far.json', (f) => (delete f.tolerance, off(1.1)(f)), 'hopfield.json')
    put('e-part.json', (f) => ((f.tolerance = { relative: 2e-4 }), off(1.1)(f)), 'hopfield.json')
    const { results } = await verify()
    expect(results.map(({ passed }) => passed)).toEqual([true, true, true, false, false])
  })

  it('says of every backend whether it ran, or why not; one that was asked for and cannot run fails', async () => {
    put('a.json', () => undefined)
    const lines: string[] = []
    const { backends, results } = await verifyFolder(folder, { onLine: (line) => void lines.push(line) })
    expect(backends.map(({ name }) => name)).toEqual(['wasm', 'cpu', 'webgpu', 'tensorflow'])
    const ran = backends.filter(({ available }) => available).map(({ name }) => name)
    expect(ran.slice(0, 2)).toEqual(['wasm', 'cpu'])
    expect(results.map(({ backend }) => backend)).toEqual(ran)
    for (const { name, available } of backends)
      expect(lines.find((line) => line.includes(name))).toMatch(
        available ? /^on {4}\w+ +\S/ : /^none {2}\w+ +cannot run here: \S/
      )
    for (const { name } of backends.filter(({ available }) => !available)) {
      const [result] = (await verifyFolder(folder, { backends: [name] })).results
      expect(result).toMatchObject({ backend: name, passed: false, error: { code: 'backend-unavailable' } })
    }
  })

  it('fails a value that is off by a thousandth, and names it', async () => {
    put('off.json', ({ steps }) => {
      steps[2].expect.data[3] = (steps[2].expect.data[3] as number) + 1e-3
    })
    const { results } = await verify()
    expect(results[0]).toMatchObject({ passed: false, error: { field: 'steps.2.expect' } })
    expect(results[0].worst).toBeCloseTo(1e-3, 5)
  })

  it('fails a random draw that is off', async () => {
    put(
      'rng.json',
      (file) => {
        const { cases } = file as unknown as { cases: { draws: { expect: number[] }[] }[] }
        cases[1].draws[2].expect[0] += 1
      },
      'torch-rng.json'
    )
    expect((await verify()).results[0]).toMatchObject({ passed: false, error: { field: 'cases.1.draws.2' } })
  })

  it.each<[string, (fixture: Fixture) => void, string, string]>([
    ['an unknown model', (f) => (f.model = 'no-such'), 'model', 'no-such'],
    ['an unknown parameter', (f) => (f.params.speed = 3), 'params.speed', 'speed'],
    ['a missing weight', (f) => delete f.weights.W_V_fast, 'weights.W_V_fast', 'missing'],
    ['an extra weight', (f) => (f.weights.extra = { shape: [1], data: [1] }), 'weights.extra', 'has no weight'],
    ['a misshapen weight', (f) => (f.weights.W_K_fast.shape = [4, 16]), 'weights.W_K_fast', '[8, 8]'],
    ['a shape that its data do not fill', (f) => f.weights.W_K_fast.data.pop(), 'weights.W_K_fast', '63'],
    ['a NaN', (f) => (f.weights.W_K_fast.data[2] = null), 'weights.W_K_fast.data.2', 'number'],
    ['an unknown step', (f) => (f.steps[0].op = 'forget' as never), 'steps.0.op', ''],
    ['keys of another length', (f) => (f.steps[1].keys = { shape: [1, 3], data: [1, 2, 3] }), 'steps.1', ''],
    ['an output of another shape', (f) => (f.steps[2].expect.shape = [1, 24]), 'steps.2.expect', '[1, 24]'],
    ['a tolerance below zero', (f) => (f.tolerance = { absolute: -1 }), 'tolerance.absolute', ''],
    ['a tolerance of another name', (f) => (f.tolerance = { atol: 1 }), 'tolerance', 'atol']
  ])('refuses %s by file and field, and goes on', async (_, spoil, field, text) => {
    put('bad.json', spoil)
    put('good.json', () => undefined)
    const { passed, failed, results } = await verify()
    expect([passed, failed]).toEqual([1, 1])
    expect(results[0].error?.file).toBe('bad.json')
    expect(results[0].error?.field).toContain(field)
    expect(results[0].error?.message).toContain(text)
  })

  it('reads the NaN that Python writes, names a format it does not know, and survives what is no JSON', async () => {
    put('nan.json', () => undefined)
    const text = readFileSync(join(folder, 'nan.json'), 'utf8')
    writeFileSync(join(folder, 'nan.json'), text.replace(/("W_Q_fast":{[^[]*\[8,8\],"data":\[)[^,]*/, '$1NaN'))
    writeFileSync(join(folder, 'other.json'), '{"format": "other/1"}')
    writeFileSync(join(folder, 'torn.json'), '{"format": ')
    const { failed, results } = await verify()
    expect(failed).toBe(3)
    const error = (file: string): string | undefined => results.find((result) => result.file === file)?.error?.message
    expect(results.find(({ file }) => file === 'nan.json')?.error?.field).toBe('weights.W_Q_fast.data.0')
    expect(error('other.json')).toContain('other/1')
    expect(error('torn.json')).toContain('not JSON')
  })

  it('says of an empty or missing folder what is wrong', async () => {
    await expect(verify()).rejects.toMatchObject({ data: { code: 'not-found', file: folder } })
    await expect(verifyFolder(join(folder, 'none'))).rejects.toMatchObject({ data: { code: 'not-found' } })
  })
})
