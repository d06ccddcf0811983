/** Ends its whole worker thread on a retrieve. */
const dim: Readonly<{ type: 'integer'; from: 'dim' }> = { type: 'integer', from: 'dim' }

export default {
  id: 'deadly',
  title: 'Deadly',
  interfaces: ['key-value'],
  params: { dim: { ...dim, label: 'Dimension', help: '', default: 8, min: 1, max: 4096 } },
  create: () => ({
    store: (): void => undefined,
    retrieve: (): never => process.exit(7),
    reset: (): void => undefined,
    dispose: (): void => undefined
  }),
  cost: () => ({ storeFlops: 1, retrieveFlops: 1, parameters: 0, state: 0 })
}
