import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { userFiles } from '../../../../src-main/engine/process/user-files.ts'
import { EngineDriver, programsRunning } from '../../../support/engine-driver.ts'

const root = mkdtempSync(join(tmpdir(), 'engram-user-files-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folders = 0

/** A folder with these files, by their path in it. */
function folderOf(files: Record<string, string>): string {
  const folder = join(root, String(folders++))
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}

const body = (id: string, title = `'T'`): string => `{
  id: '${id}', title: ${title}, interfaces: ['key-value'],
  params: { dim: { type: 'integer', label: 'Dimension', help: '', default: 8, min: 1, max: 4096, from: 'dim' } },
  create: () => ({ store() {}, retrieve: ({ queries }) => queries.clone(), reset() {}, dispose() {} }),
  cost: () => ({ storeFlops: 1, retrieveFlops: 1, parameters: 0, state: 0 })
}`
const model = (id: string, before = ''): string => `${before}\nexport default ${body(id)}\n`
const compiled = (id: string): string =>
  `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = ${body(id)}\n`

/** What was found: ids, and errors by the file's path in the folder. */
async function found(files: Record<string, string>): Promise<{ ids: string[]; errors: Record<string, string> }> {
  const folder = folderOf(files)
  const { models, errors } = await userFiles(folder)
  return {
    ids: models.map(({ id }) => id).sort(),
    errors: Object.fromEntries(errors.map(({ file, message }) => [file?.slice(folder.length + 1) ?? '', message]))
  }
}

describe("a user's files", () => {
  it('load while one never comes back, one waits for ever, one exits and two reject: each an error of its own', async () => {
    const { ids, errors } = await found({
      'a-good.js': model('good'),
      'spin.js': model('spin', 'for (;;);'),
      'waits.js': model('waits', 'await new Promise((resolve) => setTimeout(resolve, 1e9))'),
      'ex.js': model('ex', 'process.exit(0)'),
      'rejects.js': model('rejects', `Promise.reject(new Error('nobody waits for me'))`),
      'throws.js': model('throws', `throw new Error('half written')`),
      'syn.js': model('syn', 'const x = ;'),
      'z-good.ts': model('good-too', 'const n: number = 1')
    })
    expect(ids).toEqual(['good', 'good-too'])
    expect(errors).toEqual({
      'spin.js': 'This file does not load: it did not come back within 10 seconds.',
      'waits.js': 'This file does not load: it did not come back within 10 seconds.',
      'ex.js': 'This file does not load: it ended its process (exit code 0).',
      'rejects.js': 'This model does not load: nobody waits for me.',
      'throws.js': 'This model does not load: half written.',
      'syn.js': expect.stringContaining('Unexpected token') as string
    })
  }, 60_000)

  it('are taken as modules, CommonJS, compiled CommonJS and TypeScript, in subfolders too; what Node does not run is named', async () => {
    const { ids, errors } = await found({
      'cjs.js': compiled('compiled'),
      'plain.cjs': `module.exports = ${body('plain')}`,
      'one.mjs': model('one'),
      'two.mts': model('two', 'const n: number = 1'),
      'deep/er/three.ts': model('three', `import { n } from '../help.ts'`),
      'deep/help.ts': 'export const n: number = 1',
      'node_modules/x/index.js': model('package'),
      'four.test.js': model('test'),
      'types.d.ts': 'export type A = 1',
      'jsx.tsx': model('jsx')
    })
    expect(ids).toEqual(['compiled', 'one', 'plain', 'three', 'two'])
    expect(errors).toEqual({ 'jsx.tsx': 'Node does not run .tsx files; write the model as .ts or .js.' })
  }, 30_000)

  it('may lend from the studio in CommonJS as well, and name a file that nobody uses', async () => {
    const { ids, errors } = await found({
      'lends.cjs': `const tf = require('@tensorflow/tfjs'); const { integer } = require('engram-studio')
        if (typeof tf.matMul !== 'function' || typeof integer !== 'function') throw new Error('nothing lent')
        module.exports = ${body('lends')}`,
      'lonely.js': 'export const x = 1'
    })
    expect(errors).toEqual({ 'lonely.js': 'This file has no default export, and no model imports it.' })
    expect(ids).toEqual(['lends'])
  }, 30_000)

  it('have a hash that changes with the file and with what it imports, and with nothing else', async () => {
    const files = {
      'm.js': model('m', `import { gain } from './lib/gain.js'`),
      'lib/gain.js': `export { gain } from './inner.js'`,
      'lib/inner.js': 'export const gain = 1',
      'other.js': model('other')
    }
    const codeOf = async (change: Record<string, string>): Promise<string> =>
      (await userFiles(folderOf({ ...files, ...change }))).models.find(({ id }) => id === 'm')!.code
    const code = await codeOf({})
    expect(code).toMatch(/^[0-9a-f]{64}$/)
    expect(await codeOf({ 'other.js': model('other', '// changed') })).toBe(code)
    expect(await codeOf({ 'lib/inner.js': 'export const gain = 2' })).not.toBe(code)
    expect(await codeOf({ 'm.js': `${files['m.js']}// changed` })).not.toBe(code)
  }, 60_000)

  it('are refused as a whole where the folder cannot be read, or is no folder of models', async () => {
    const nowhere = join(root, 'nowhere')
    expect((await userFiles(nowhere)).errors).toMatchObject([{ code: 'bad-file', file: nowhere }])
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`${i}.js`, '']))
    expect((await userFiles(folderOf(many))).errors).toMatchObject([{ code: 'too-large' }])
    expect(await userFiles('')).toEqual({ models: [], errors: [] })
  }, 30_000)
})

describe("an engine with a user's models", () => {
  let engine: EngineDriver | undefined
  afterEach(async () => {
    engine?.process.kill()
    await engine?.exit
  })
  const experiment = (kinds: string[], count: number): Record<string, unknown> => ({
    task: { kind: 'capacity', params: { dim: 8, items: 4 } },
    models: kinds.map((kind) => ({ kind })),
    seeds: { first: 1, count },
    backend: 'wasm'
  })

  it('reads their imports again on reload, and gives changed code another identity', async () => {
    const modelFolder = folderOf({
      'stale.js': `import { gain } from './gain.js'\nexport default ${body('stale', `'gain ' + gain`)}`,
      'gain.js': 'export const gain = 1'
    })
    engine = new EngineDriver({ modelFolder })
    const titleIn = (catalog: { models: { id: string; title: string }[] }): string | undefined =>
      catalog.models.find(({ id }) => id === 'stale')?.title
    expect(titleIn((await engine.ready()).catalog)).toBe('gain 1')
    const first = await engine.run(experiment(['stale', 'linear-associator'], 2))
    await engine.end(first)
    writeFileSync(join(modelFolder, 'gain.js'), 'export const gain = 2')
    expect(titleIn((await engine.ask('reload', { modelFolder })).catalog)).toBe('gain 2')
    const second = await engine.run(experiment(['stale', 'linear-associator'], 2))
    await engine.end(second)
    const hashes = (run: string, cell: number): string[] =>
      engine!
        .outcomes(run)
        .flatMap((outcome) => (outcome.cell === cell ? [outcome.hash] : []))
        .sort()
    expect(hashes(first, 0)).toHaveLength(2)
    expect(hashes(second, 0)).not.toEqual(hashes(first, 0))
    expect(hashes(second, 1)).toEqual(hashes(first, 1))
  }, 60_000)

  it('sets a file aside that ends worker after worker, by name, and computes everything else', async () => {
    const modelFolder = folderOf({
      'deadly.js': model('deadly').replace(
        'retrieve: ({ queries }) => queries.clone()',
        'retrieve: () => process.exit(7)'
      ),
      'good.js': model('good')
    })
    engine = new EngineDriver({ modelFolder })
    const run = await engine.run(experiment(['deadly', 'good', 'linear-associator'], 12))
    expect(await engine.end(run)).toMatchObject({ how: 'done', error: null })
    const byCell = (cell: number) => engine!.outcomes(run).filter((outcome) => outcome.cell === cell)
    for (const cell of [1, 2]) expect(byCell(cell).map(({ status }) => status)).toEqual(Array(12).fill('done'))
    expect(byCell(0)).toHaveLength(12)
    for (const { status, error } of byCell(0)) {
      expect([status, error?.code, error?.file]).toEqual(['failed', 'model-failed', join(modelFolder, 'deadly.js')])
      expect(error?.message).toContain('exit code 7')
    }
    const { errors } = await engine.hear('catalog')
    expect(errors).toMatchObject([{ file: join(modelFolder, 'deadly.js') }])
    expect(errors[0].message).toContain('is set aside')
  }, 60_000)

  it('computes elsewhere what shared a memory that a model violated: only the guilty trials fail', async () => {
    const violates = model('violates', `import * as tf from '@tensorflow/tfjs'`).replace(
      'store() {}',
      `store({ keys }) {
        const [batch, items, dim] = keys.shape
        const all = keys.dataSync()
        const guilty = Array.from({ length: batch }, (_, trial) => all[trial * items * dim] > 1)
        if (!guilty.includes(true)) return
        // A tensor that is said to lie where no memory is.
        const x = tf.ones([4, 3])
        tf.backend().dataIdMap.get(x.dataId).memoryOffset = 2 ** 31
        tf.matMul(x, tf.ones([3, 4]))
      }`
    )
    engine = new EngineDriver({ modelFolder: folderOf({ 'violates.js': violates }) })
    const mixed = await engine.run(experiment(['violates', 'linear-associator'], 12))
    expect(await engine.end(mixed)).toMatchObject({ how: 'done', error: null })
    const got = engine.outcomes(mixed)
    const own = got.filter(({ cell }) => cell === 0)
    expect(own).toHaveLength(12)
    const failed = own.filter(({ status }) => status === 'failed')
    expect(failed.length).toBeGreaterThan(0)
    expect(failed.length).toBeLessThan(4)
    for (const { error } of failed) expect(error?.message).toContain('The operation BatchMatMul of the wasm backend')
    const alone = await engine.run(experiment(['linear-associator'], 12))
    await engine.end(alone)
    const numbers = (list: typeof got) =>
      list.map(({ seed, metrics }) => [seed, metrics] as const).sort(([a], [b]) => a - b)
    expect(numbers(got.filter(({ cell }) => cell === 1))).toEqual(numbers(engine.outcomes(alone)))
  }, 60_000)

  it('passes over a file that loads in a process of its own and ends the worker that loads it', async () => {
    const modelFolder = folderOf({
      'sly.js': model('sly', `import { isMainThread } from 'node:worker_threads'\nif (!isMainThread) process.exit(3)`),
      'good.js': model('good')
    })
    engine = new EngineDriver({ modelFolder })
    const { catalog, errors } = await engine.ready()
    expect(catalog.models.some(({ id }) => id === 'good')).toBe(true)
    expect(errors).toMatchObject([{ file: join(modelFolder, 'sly.js') }])
    const run = await engine.run(experiment(['good'], 4))
    expect((await engine.end(run)).how).toBe('done')
  }, 60_000)

  it('does not mix code: a file that was changed after it was loaded fails until it is loaded again', async () => {
    const modelFolder = folderOf({
      'm.js': model('m').replace('store() {}', `store() { if (globalThis.once) process.exit(1); globalThis.once = 1 }`)
    })
    engine = new EngineDriver({ modelFolder, workers: 1 })
    await engine.ready()
    writeFileSync(join(modelFolder, 'm.js'), model('m', '// other'))
    const run = await engine.run(experiment(['m'], 40))
    const { how, error } = await engine.end(run)
    expect([how, error?.code, error?.file]).toEqual(['failed', 'bad-file', join(modelFolder, 'm.js')])
    expect(error?.message).toContain('has changed since the models were loaded')
  }, 60_000)
})

describe.skipIf(process.platform === 'win32')('a command line that is killed', () => {
  it('leaves no engine behind, even while a file is in an endless loop', async () => {
    const modelFolder = folderOf({ 'spin.js': model('spin', 'for (;;);') })
    const data = join(root, 'data')
    const cli = join(import.meta.dirname, '../../../../src-main/cli.ts')
    // The folder is a setting of the data folder.
    const { openStore } = await import('../../../../src-main/store/open.ts')
    const store = openStore({ folder: data })
    store.write.saveSettings({ modelFolder })
    store.close()
    const child = spawn(process.execPath, [cli, 'doctor', '--data', data], { stdio: 'ignore' })
    await expect.poll(() => programsRunning('try-models').length, { timeout: 15_000 }).toBeGreaterThan(0)
    const [engine] = programsRunning('process', child.pid)
    const [loader] = programsRunning('try-models', engine)
    expect(loader).toBeGreaterThan(0)
    child.kill('SIGKILL')
    await expect
      .poll(
        () =>
          [...programsRunning('process'), ...programsRunning('try-models')].filter(
            (pid) => pid === engine || pid === loader
          ),
        { timeout: 8000 }
      )
      .toEqual([])
  }, 60_000)
})
