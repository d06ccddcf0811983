/**
 * The six classes of the script that the studio began with, as its owner wrote them: in the catalog, and computing what the
 * studio's own six do. Only where the document that holds the script lies beside the project.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { userFiles } from '../../../../src-main/engine/process/user-files.ts'
import { parity } from '../../../../src-main/engine/python/parity.ts'
import { pythonOf, type Python } from '../../../../src-main/engine/python/python.ts'
import { loadRegistry, type Registry } from '../../../../src-main/engine/worker/registry.ts'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { torchPython, torchReason } from '../../../support/python.ts'

const seeds = process.env.ENGRAM_SEEDS ?? join(import.meta.dirname, '../../../../../shared/seeds')
const document = existsSync(seeds) ? readdirSync(seeds).find((name) => name.startsWith('000')) : undefined
const script =
  document && /```python:memory\/AR\.py\n([\s\S]*?)\n```/.exec(readFileSync(join(seeds, document), 'utf8'))?.[1]
const found = script === undefined ? undefined : await torchPython()
const twins = {
  FastWeightsEpisodicMemory: 'fast-weights',
  ContextDriftMemory: 'context-drift',
  GatedEpisodicMemory: 'gated-episodic',
  MetaLearnedFastWeights: 'meta-fast-weights',
  RAGEpisodicMemory: 'rag',
  GraphStructuredMemory: 'graph'
}

describe.skipIf(!found)(
  `the classes of the source${script === undefined ? ' (skipped: no document)' : torchReason(found)}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'engram-source-'))
    const file = join(folder, 'AR.py')
    afterAll(() => rmSync(folder, { recursive: true, force: true }))
    let registry: Registry
    let python: Python
    beforeAll(async () => {
      writeFileSync(file, script!)
      await useBackend('cpu')
      const { models, errors } = await userFiles(folder, () => Promise.resolve(found!))
      expect(errors).toEqual([])
      python = pythonOf(found!.options, () => undefined)
      registry = (await loadRegistry(models, undefined, python)).registry
    }, 240_000)

    it('are in the catalog', () => {
      const mine = registry.catalog().models.filter(({ origin }) => origin === file)
      expect(mine.map(({ className }) => className)).toEqual(Object.keys(twins))
    })

    for (const [name, model] of Object.entries(twins))
      it(`${name} computes what ${model} does, within 2e-5`, () => {
        const { passed, steps } = parity(registry, python, { file, class: name, model, params: {}, seeds: 2 })
        expect(passed).toBe(true)
        for (const { difference } of steps) expect(difference).toBeLessThan(2e-5)
      }, 120_000)
  }
)
