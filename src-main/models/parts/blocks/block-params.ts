import {
  choice,
  integer,
  number,
  type Params,
  type ParamValue,
  type ParamValues
} from '../../../../src-shared/shapes/params.ts'

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

/** When an episodic bank is written, with what, and how it forgets. */
export const bankParams = {
  segment: integer('Segment', 1, { help: 'Tokens per write', min: 1, max: 65_536, symbol: 's', unit: 'tokens' }),
  summary: choice('Summary', 'last', ['last', 'mean', 'projection', 'cls'], {
    help: 'What is written of a segment: its last token, the mean of its tokens, a learned projection of the mean, or what a learned CLS token gathers from it by attention'
  }),
  topK: integer('Top-K', 0, {
    help: 'Entries read per query and head; 0 reads all, or the nearest one by kNN',
    min: 0,
    max: 65_536,
    symbol: 'K'
  }),
  write: choice('Write', 'segment', ['segment', 'turn', 'event'], {
    help: 'When a segment ends: after a fixed number of tokens, where the caller ends a turn, or at a surprising token'
  }),
  threshold: number('Event threshold', 0.5, {
    help: 'A token with 1 - cos(x_t, x_(t-1)) over this ends an event',
    needs: { param: 'write', in: ['event'] },
    min: 0,
    max: 2
  }),
  decay: number('Decay', 1, { help: 'Factor on all stored values at each write', min: 0, max: 1, symbol: '\\gamma' }),
  flush: choice('Flush', 'never', ['never', 'call'], { help: 'Empty the buffer never, or before each call' })
}

/** How an episodic bank is read, since it can be read in other ways than one. */
export const bankReadParams = {
  read: choice('Read', 'softmax', ['softmax', 'knn'], {
    help: 'softmax: entries weighed by similarity; knn: the plain mean of the K nearest, which trains no query and no key',
    later: true
  }),
  reach: choice('Reach', 'own', ['own', 'local', 'all'], {
    help: 'Whose banks a block of a stack reads, weighed by learned shares: its own, also that of the block below, or also those of all blocks below',
    needs: { param: 'bank', in: ['own'] },
    later: true
  })
}

/** How the learned memory of a head associates. */
export const associationParams = {
  association: choice('Association', 'slots', ['slots', 'global', 'low-rank'], {
    help: 'slots: each head has its own; global: all heads ask one bank, each with its own query; low-rank: a matrix W1 W2 a head, without softmax',
    later: true
  }),
  rank: integer('Rank', 4, {
    help: 'Rank of the association of a head; at most d/H has an effect of its own',
    needs: { param: 'association', in: ['low-rank'] },
    min: 1,
    max: 4096,
    symbol: 'r',
    later: true
  })
}

/** The values of some parameters: those that a part inside a block takes over. @param from names, or their declarations */
export const valuesOf = (
  values: Readonly<Record<string, unknown>>,
  ...from: (readonly string[] | Params)[]
): ParamValues =>
  Object.fromEntries(
    from
      .flatMap((some) => (Array.isArray(some) ? (some as string[]) : Object.keys(some)))
      .map((name) => [name, values[name] as ParamValue])
  )

/** Parameters of a model that gained them when there were trials without them. */
export const later = <P extends Params>(params: P): P =>
  Object.fromEntries(Object.entries(params).map(([name, param]) => [name, { ...param, later: true }])) as P

/** The same parameters, of effect only beside this value of another; those that need something already keep that. */
export const needing = <P extends Params>(params: P, param: string, value: string): P =>
  Object.fromEntries(
    Object.entries(params).map(([name, own]) => [name, own.needs ? own : { ...own, needs: { param, in: [value] } }])
  ) as P
