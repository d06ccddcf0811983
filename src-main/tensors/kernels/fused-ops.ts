/** The ops of tensors/fused-ops.ts on the wasm backend, on the tensors where they lie. */
import * as tf from '@tensorflow/tfjs'
import type { TensorInfo } from '@tensorflow/tfjs'
import { fusedNames, provideFusedOps, type AttentionGiven, type ReadAttrs, type RecurrenceGiven } from '../fused-ops.ts'
import { kernelsInUse, type SlotExports } from './load.ts'
import { addressOf, memoryOf, type WasmBackend } from './wasm-backend.ts'

let exports: SlotExports | undefined
const on = (backend: WasmBackend): SlotExports => (exports ??= kernelsInUse()!.on(memoryOf(backend)))

type Body = (inputs: TensorInfo[], backend: WasmBackend, attrs: Record<string, unknown>) => TensorInfo[]

const register = (kernelName: string, body: Body): void =>
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      body(Object.values(inputs) as TensorInfo[], backend as WasmBackend, attrs ?? {})
  })

/** Register them. Call it once, after the backend's package is imported. */
export function registerFusedOps(): void {
  register(fusedNames.read, read)
  register(fusedNames.recurrence, recurrence)
  register(fusedNames.recurrenceBack, recurrenceBack)
  register(fusedNames.convolution, convolution)
  register(fusedNames.convolutionBack, convolutionBack)
  register(fusedNames.attention, attention)
  register(fusedNames.attentionBack, attentionBack)
  for (const [name, body] of rowOps) register(name, body)
  provideFusedOps('wasm', { use: () => kernelsInUse() !== undefined })
}

/** Space that is given back after `use`. */
function withWork<T>(backend: WasmBackend, floats: number, use: (at: number) => T): T {
  const work = backend.makeOutput([floats], 'float32')
  const result = use(addressOf(backend, work))
  backend.disposeData(work.dataId)
  return result
}

/** Where a tensor's part for one of its rows begins; 0 for a tensor that is not there. */
const places =
  (backend: WasmBackend) =>
  (tensor: TensorInfo | undefined, rows: number): ((row: number) => number) => {
    if (!tensor) return () => 0
    const [start, bytes] = [addressOf(backend, tensor), (4 * tf.util.sizeFromShape(tensor.shape)) / rows]
    return (row) => start + row * bytes
  }

/** The inputs after q, k, v, each in its place. */
function named([q, k, v, ...rest]: TensorInfo[], { decay, beta, state }: RecurrenceGiven) {
  const left = [...rest]
  return {
    ...{ q: q, k: k, v: v },
    a: decay ? left.shift() : undefined,
    b: beta ? left.shift() : undefined,
    s: state ? left.shift() : undefined,
    left
  }
}

const read: Body = (inputs, backend, attrs) => {
  const { scale, kept, ...given } = attrs as unknown as ReadAttrs
  const [q, k, v, ...more] = inputs
  const [z, c] = given.contexts ? more : []
  const bias = given.bias ? more.at(-1) : undefined
  const [batch, count, dim] = q.shape as [number, number, number]
  const [, slots, valueDim] = v.shape as [number, number, number]
  const contextDim = c?.shape[2] ?? 0
  const kernels = on(backend)
  const y = backend.makeOutput([batch, count, valueDim], 'float32')
  const weights = backend.makeOutput([batch, kept, slots], 'float32')
  withWork(backend, kernels.attendWork(slots, dim, valueDim, contextDim), (work) => {
    const at = places(backend)
    const [Q, K, V, Z, C, Y, A] = [q, k, v, z, c, y, weights].map((tensor) => at(tensor, batch))
    const b = at(bias, bias?.shape[0] ?? 1)
    for (let r = 0; r < batch; r++)
      kernels.attend(
        ...[Q(r), K(r), V(r), Z(r), C(r), b(bias?.shape[0] === 1 ? 0 : r)],
        ...[count, slots, dim, valueDim, contextDim, scale, Y(r), A(r), kept, work]
      )
  })
  return [y, weights]
}

const recurrence: Body = (inputs, backend, attrs) => {
  const { q, k, v, a, b, s } = named(inputs, attrs as unknown as RecurrenceGiven)
  const [batch, heads, length, dk] = q.shape as [number, number, number, number]
  const dv = v.shape[3]
  const rows = batch * heads
  const kernels = on(backend)
  const y = backend.makeOutput([batch, heads, length, dv], 'float32')
  const next = backend.makeOutput([batch, heads, dk, dv], 'float32')
  withWork(backend, kernels.recurWork(dk, dv), (work) => {
    const at = places(backend)
    const [Q, K, V, A, B, S, Y, N] = [q, k, v, a, b, s, y, next].map((tensor) => at(tensor, rows))
    for (let r = 0; r < rows; r++) kernels.recur(Q(r), K(r), V(r), A(r), B(r), S(r), length, dk, dv, Y(r), N(r), work)
  })
  return [y, next]
}

const recurrenceBack: Body = (inputs, backend, attrs) => {
  const { q, k, v, a, b, s, left } = named(inputs, attrs as unknown as RecurrenceGiven)
  const [dy, dNext] = left
  const [batch, heads, length, dk] = q.shape as [number, number, number, number]
  const dv = v.shape[3]
  const rows = batch * heads
  const kernels = on(backend)
  const like = (tensor: TensorInfo | undefined): TensorInfo | undefined =>
    tensor && backend.makeOutput(tensor.shape, 'float32')
  const made = [q, k, v, a, b, s].map(like)
  withWork(backend, kernels.recurBackWork(length, dk, dv), (work) => {
    const at = places(backend)
    const given = [q, k, v, a, b, s, dy, dNext].map((tensor) => at(tensor, rows))
    const out = made.map((tensor) => at(tensor, rows))
    for (let r = 0; r < rows; r++)
      kernels.recurBack(...given.map((of) => of(r)), length, dk, dv, ...out.map((of) => of(r)), work)
  })
  return made.filter((tensor) => tensor !== undefined)
}

const convolution: Body = ([x, w, p], backend) => {
  const [rows, length, channels] = x.shape as [number, number, number]
  const trials = w.shape[0]
  const kernels = on(backend)
  const y = backend.makeOutput(x.shape, 'float32')
  const at = places(backend)
  const [P, X, W, Y] = [at(p, rows), at(x, rows), at(w, trials), at(y, rows)]
  for (let r = 0; r < rows; r++)
    kernels.convolve(P(r), X(r), W(Math.floor((r * trials) / rows)), length, channels, Y(r))
  return [y]
}

const convolutionBack: Body = (inputs, backend) => {
  const [x, w] = inputs
  const [p, dy] = inputs.length === 4 ? inputs.slice(2) : [undefined, inputs[2]]
  const [rows, length, channels] = x.shape as [number, number, number]
  const trials = w.shape[0]
  const kernels = on(backend)
  const [dx, dw, dp] = [x, w, p].map((tensor) => tensor && backend.makeOutput(tensor.shape, 'float32'))
  backend.typedArrayFromHeap(dw!).fill(0)
  const at = places(backend)
  const [P, X, W, D] = [at(p, rows), at(x, rows), at(w, trials), at(dy, rows)]
  const [toP, toX, toW] = [at(dp, rows), at(dx, rows), at(dw, trials)]
  for (let r = 0; r < rows; r++) {
    const trial = Math.floor((r * trials) / rows)
    kernels.convolveBack(P(r), X(r), W(trial), D(r), length, channels, toP(r), toX(r), toW(trial))
  }
  return [dx!, dw!, ...(dp ? [dp] : [])]
}

/** Sizes of an attention, and where its parts begin for a head of a row. */
function attended(backend: WasmBackend, [q, k, v, ranges]: TensorInfo[], heads: number) {
  const [rows, length, width] = q.shape as [number, number, number]
  const [, entries, wide] = v.shape as [number, number, number]
  const [dk, dv] = [width / heads, wide / heads]
  const at = (tensor: TensorInfo): ((row: number, head: number) => number) => {
    const start = places(backend)(tensor, rows)
    const head = (4 * tensor.shape[2]) / heads
    return (row, h) => start(row) + h * head
  }
  const given = (row: number, head: number): number[] =>
    [q, k, v].flatMap((tensor) => [at(tensor)(row, head), tensor.shape[2]])
  const every = (use: (row: number, head: number) => void): void => {
    for (let row = 0; row < rows; row++) for (let head = 0; head < heads; head++) use(row, head)
  }
  return { sizes: [length, entries, dk, dv] as const, seen: addressOf(backend, ranges), at, given, every, wide }
}

const attention: Body = (inputs, backend, attrs) => {
  const { heads, scale } = attrs as unknown as AttentionGiven
  const { sizes, seen, at, given, every, wide } = attended(backend, inputs, heads)
  const kernels = on(backend)
  const y = backend.makeOutput([...inputs[0].shape.slice(0, 2), wide], 'float32')
  withWork(backend, kernels.attendSelfWork(...sizes), (work) => {
    const Y = at(y)
    every((row, head) => kernels.attendSelf(...given(row, head), seen, ...sizes, scale, Y(row, head), wide, work))
  })
  return [y]
}

const attentionBack: Body = (inputs, backend, attrs) => {
  const { heads, scale } = attrs as unknown as AttentionGiven
  const { sizes, seen, at, given, every, wide } = attended(backend, inputs, heads)
  const kernels = on(backend)
  const made = inputs.slice(0, 3).map(({ shape }) => backend.makeOutput(shape, 'float32'))
  withWork(backend, kernels.attendSelfBackWork(...sizes), (work) => {
    const [D, ...out] = [inputs[4], ...made].map(at)
    every((row, head) =>
      kernels.attendSelfBack(
        ...given(row, head),
        ...[seen, D(row, head), wide, ...sizes, scale],
        ...out.map((of) => of(row, head)),
        work
      )
    )
  })
  return made
}

/** Rows of the last axis, and numbers of each. */
const rowsOf = ({ shape }: TensorInfo): [number, number] => {
  const width = shape[shape.length - 1]
  return [width ? tf.util.sizeFromShape(shape) / width : 0, width]
}

const rowOps: [string, Body][] = [
  [
    fusedNames.take,
    ([x, indices], backend) => {
      const [count, width] = [indices.shape[0], x.shape[1]]
      const y = backend.makeOutput([count, width], 'float32')
      const [X, I, Y] = [x, indices, y].map((tensor) => addressOf(backend, tensor))
      on(backend).takeRows(X, I, count, width, Y)
      return [y]
    }
  ],
  [
    fusedNames.takeBack,
    ([x, indices, dy], backend) => {
      const dx = backend.makeOutput(x.shape, 'float32')
      backend.typedArrayFromHeap(dx).fill(0)
      const [D, I, to] = [dy, indices, dx].map((tensor) => addressOf(backend, tensor))
      on(backend).takeRowsBack(D, I, indices.shape[0], x.shape[1], to)
      return [dx]
    }
  ],
  [
    fusedNames.repeat,
    ([x], backend, { count }) => {
      const [rows, ...shape] = x.shape
      const y = backend.makeOutput([rows * (count as number), ...shape], 'float32')
      const [X, Y] = [x, y].map((tensor) => places(backend)(tensor, rows))
      const width = tf.util.sizeFromShape(shape)
      for (let r = 0; r < rows; r++) on(backend).repeatRow(X(r), count as number, width, Y(r))
      return [y]
    }
  ],
  [
    fusedNames.repeatBack,
    ([dy], backend, { count }) => {
      const [all, ...shape] = dy.shape
      const rows = all / (count as number)
      const dx = backend.makeOutput([rows, ...shape], 'float32')
      const [D, to] = [dy, dx].map((tensor) => places(backend)(tensor, rows))
      const width = tf.util.sizeFromShape(shape)
      for (let r = 0; r < rows; r++) on(backend).repeatRowBack(D(r), count as number, width, to(r))
      return [dx]
    }
  ],
  [
    fusedNames.norm,
    ([x], backend, { least, mean }) => {
      const y = backend.makeOutput(x.shape, 'float32')
      const [X, Y] = [x, y].map((tensor) => addressOf(backend, tensor))
      on(backend).normRows(X, ...rowsOf(x), least as number, Number(mean), Y)
      return [y]
    }
  ],
  [
    fusedNames.normBack,
    ([x, dy], backend, { least, mean }) => {
      const dx = backend.makeOutput(x.shape, 'float32')
      const [X, D, to] = [x, dy, dx].map((tensor) => addressOf(backend, tensor))
      on(backend).normRowsBack(X, D, ...rowsOf(x), least as number, Number(mean), to)
      return [dx]
    }
  ],
  [
    fusedNames.silu,
    ([x], backend) => {
      const y = backend.makeOutput(x.shape, 'float32')
      const [X, Y] = [x, y].map((tensor) => addressOf(backend, tensor))
      const kernels = on(backend)
      withWork(backend, kernels.siluWork(), (work) => kernels.silu(X, tf.util.sizeFromShape(x.shape), Y, work))
      return [y]
    }
  ],
  [
    fusedNames.siluBack,
    ([x, dy], backend) => {
      const dx = backend.makeOutput(x.shape, 'float32')
      const [X, D, to] = [x, dy, dx].map((tensor) => addressOf(backend, tensor))
      const kernels = on(backend)
      withWork(backend, kernels.siluWork(), (work) => kernels.siluBack(X, D, tf.util.sizeFromShape(x.shape), to, work))
      return [dx]
    }
  ]
]
