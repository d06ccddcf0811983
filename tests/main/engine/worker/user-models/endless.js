/** Never comes back from a store. */
import { integer } from 'engram-studio'

export default {
  id: 'endless',
  title: 'Endless',
  interfaces: ['key-value'],
  params: { dim: integer('Dimension', 8, { help: '', min: 1, max: 4096, from: 'dim' }) },
  create: () => ({
    store() {
      for (;;);
    },
    retrieve: ({ queries }) => queries.clone(),
    reset() {},
    dispose() {}
  }),
  cost: () => ({ storeFlops: 1, retrieveFlops: 1, parameters: 0, state: 0 })
}
