/** The names of what lies at the server of the queue, and the times that both sides count on. */
export const prefix = 'engram'
/** BullMQ's queue of batches. */
export const queueName = 'batches'

/** A worker is there as long as this does not run out. */
export const workerKey = (id: string): string => `${prefix}:worker:${id}`
/** The ids of the workers. */
export const workersKey = `${prefix}:workers`
/** `paused` or `cancelled`, where somebody has said so of a run. */
export const controlKey = (run: string): string => `${prefix}:control:${run}`
/** Content that batches need, by its hash. */
export const assetKey = (hash: string): string => `${prefix}:asset:${hash}`

export const beatMs = 1000
export const beatExpiryMs = 10_000
/** Of a batch whose worker died. */
export const lockMs = 10_000
export const stalledCheckMs = 5000
/** What nobody collects, in seconds. */
export const keptSeconds = 30 * 86_400
