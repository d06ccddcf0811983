/**
 * The language in which the history is filtered, as data. A filter is parsed (parse.ts), changed by forms (edit.ts), printed
 * (print.ts), completed (complete.ts) and, in the store, compiled to SQL with parameters; it is never evaluated.
 */

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~'

/** `text`: free words; `word`: one of a set; `duration`: milliseconds; `date`: a year, month, day or minute. */
export type FieldType = 'text' | 'word' | 'number' | 'duration' | 'date' | 'value'

export interface FieldInfo {
  type: FieldType
  help: string
}

export const fields = {
  name: { type: 'text', help: 'the name of the run' },
  notes: { type: 'text', help: 'its notes' },
  task: { type: 'word', help: 'what its memories are asked' },
  model: { type: 'word', help: 'label or id of one of its models' },
  status: { type: 'word', help: 'done, running, failed, …' },
  tag: { type: 'word', help: 'one of its tags' },
  backend: { type: 'word', help: 'what computed it' },
  trials: { type: 'number', help: 'trials of the whole grid' },
  done: { type: 'number', help: 'finished trials' },
  diverged: { type: 'number', help: 'diverged trials' },
  failed: { type: 'number', help: 'failed trials' },
  seeds: { type: 'number', help: 'seeds per point' },
  best: { type: 'number', help: 'main metric of the best model' },
  computing: { type: 'duration', help: 'time spent computing: 500ms, 20s, 5min, 2h' },
  created: { type: 'date', help: 'when it began: 2026, 2026-11, 2026-11-22' },
  ended: { type: 'date', help: 'when it ended' }
} as const satisfies Record<string, FieldInfo>

export type FieldName = keyof typeof fields

/** `metric.NAME`: the mean of one of the run's models; `param.NAME`: a parameter of a model or the task. */
export const families = {
  metric: { type: 'number', help: 'mean of one of its models' },
  param: { type: 'value', help: 'a parameter of a model or the task' }
} as const satisfies Record<string, FieldInfo>

export type Family = keyof typeof families

export interface Compare {
  kind: 'compare'
  field: FieldName | Family
  /** Of a family: which metric or parameter. */
  name?: string
  op: Comparison
  value: number | string
}

export type Filter =
  | { kind: 'all' }
  | { kind: 'text'; text: string }
  | Compare
  | { kind: 'not'; term: Filter }
  | { kind: 'and' | 'or'; terms: Filter[] }

export const typeOf = (field: FieldName | Family): FieldType => ({ ...fields, ...families })[field].type

/** What begins a comparison: `trials >=`, `metric.accuracy >`, `param."my name":`. */
export const comparisonStart = /([A-Za-z]\w*)(?:\.("(?:[^"\\]|\\.)*"|[\w.-]+))?\s*(!=|<=|>=|=|:|<|>|~)\s*/y

export const keywords = ['and', 'or', 'not'] as const
export const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

export const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
export const unquoted = (text: string): string => text.slice(1, -1).replace(/\\(.)/gs, '$1')
