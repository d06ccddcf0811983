import { choice, integer } from '../../../../src-shared/shapes/params.ts'

/** Parameters that several sequence blocks share. */
export const blockParams = {
  memorySlots: integer('Memory slots', 64, {
    help: 'Slots of each head',
    min: 1,
    max: 65_536,
    symbol: 'M',
    scale: 'log'
  }),
  similarity: choice('Similarity', 'dot', ['dot', 'cosine'], {
    help: 'How a query is compared with a key: scaled dot product, or cosine'
  }),
  memory: choice('Memory', 'learned', ['learned', 'episodic'], {
    help: 'learned: slots that training sets; episodic: a buffer that the sequence writes'
  }),
  bank: choice('Bank', 'own', ['own', 'shared'], {
    help: 'own: a buffer for this block alone; shared: one that all such blocks of a stack write and read',
    later: true
  })
}
