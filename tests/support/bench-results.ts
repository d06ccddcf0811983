/** What benches leave behind: the JSON in resources/measured, which the README and the reference state. */
import type { GpuTable } from '../../src-shared/cost/gpu-table.ts'
import type { AboutTorch } from './torch-server.ts'
import type { Times } from './timed-memory.ts'

/** GFLOP/s of a product of 512 by 512, on one thread and on all cores. */
export interface Products {
  ours: { one: number; all: number }
  torch?: { one: number; all: number }
}

/** Distance of what PyTorch's forms recall from what ours does. */
export interface Agreement {
  model: string
  loop?: number
  vectorised?: number
}

/** Milliseconds a trial, the least of the rounds. */
export interface Row {
  model: string
  ours: Times
  loop?: Times
  vectorised?: Times
}

/** Milliseconds, by the clock and of all threads' CPU time. */
export interface Span {
  wall: number
  cpu: number
}

export interface Job {
  model: string
  ours: Span
  torch?: Span & { form: string; threads: number }
}

interface Conditions {
  /** YYYY-MM-DD */
  date: string
  quick: boolean
  minutes: number
  processor: string
  cores: number
  /** Of the machine over a minute, at the start and at the end. */
  load: [number, number]
  torch: AboutTorch | undefined
  missed: string[]
}

export interface ModelsResult extends Conditions {
  bench: 'models'
  items: number
  dim: number
  kernels: { available: boolean; detail: string }
  products: Products
  compared: { items: number; seeds: number; tolerance: number }
  agreement: Agreement[]
  rows: Row[]
  loopMean: number | undefined
  mean: number | undefined
  jobs: Job[]
  jobMean: number | undefined
}

/** Milliseconds a seed and step, by the clock and of CPU time. */
export interface SequenceRow {
  model: string
  dim: number
  ours: { one: Span; eight: Span }
  torch?: { form: string; forms: Record<string, Span>; one: Span; threads: Span; eight: Span; together: boolean }
  aim: number
}

export interface SequenceResult extends Conditions {
  bench: 'sequence'
  steps: number
  rows: SequenceRow[]
}

export type BenchResult = ModelsResult | SequenceResult | GpuTable
