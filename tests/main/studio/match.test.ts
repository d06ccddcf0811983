import { describe, expect, it } from 'vitest'
import { builtInRegistry } from '../../../src-main/engine/worker/registry.ts'
import { matchModels, type Quantity } from '../../../src-main/studio/match.ts'

const registry = builtInRegistry()
const experiment = {
  format: 'engram-experiment/1',
  name: 'x',
  task: { kind: 'capacity', params: { dim: 64, items: 20 } },
  models: [{ kind: 'linear-associator' }, { kind: 'episodic-slots', label: 'Slots' }, { kind: 'true-episodic' }],
  seeds: { count: 1 }
}
const match = (reference: string, by: Quantity) =>
  matchModels(experiment, reference, by, registry.catalog(), (task, cells) =>
    Promise.resolve(
      cells.map((cell) => registry.cost(cell.model, cell.params, registry.task(task).workload(cell.taskParams)))
    )
  )

describe('models of equal cost', () => {
  it('get the size at which they hold what the reference holds', async () => {
    const { target, models } = await match('linear-associator', 'state')
    // A 64 x 64 matrix of float32.
    expect(target).toBe(64 * 64 * 4)
    const found = models.find(({ label }) => label === 'true-episodic')!.match!
    expect(Math.abs(found.cost / target - 1)).toBeLessThan(0.25)
    const { cost } = found
    // No neighbouring size comes nearer.
    const params = registry.fill('true-episodic', {}, { dim: 64 })
    const workload = registry
      .task('capacity')
      .workload(
        Object.fromEntries(
          Object.entries({ ...registry.task('capacity').params }).map(([name, param]) => [name, param.default])
        ) as never
      )
    for (const step of [-1, 1]) {
      const near = 4 * registry.cost('true-episodic', { ...params, [found.param]: found.value + step }, workload).state
      expect(Math.abs(Math.log(near / target))).toBeGreaterThanOrEqual(Math.abs(Math.log(cost / target)))
    }
  })
  it('are told apart from those of which no size comes near', async () => {
    const { target, models } = await match('Slots', 'flops')
    expect(target).toBeGreaterThan(0)
    for (const { match: found } of models)
      if (found) expect(Math.abs(Math.log(found.cost / target))).toBeLessThan(Math.log(1.25))
    // The linear associator has no size of its own: its matrix follows from the task.
    expect(models.find(({ label }) => label === 'linear-associator')!.match).toBeNull()
  })
  it('need a reference that is there', async () => {
    await expect(match('nobody', 'state')).rejects.toThrow('no model "nobody"')
  })
})
