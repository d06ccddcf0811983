/**
 * Ops of tfjs on webgpu whose entries can be made where they are read: entry by entry, and all that only says where an
 * entry lies. While work is deferred (deferred.ts) they stand in place of the package's own; sums and products of matrices
 * do so too, as shaders, so that nothing has to be done before the end.
 */
import * as tf from '@tensorflow/tfjs'
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs'
import { replaceKernel } from '../../replace-kernel.ts'
import { product } from './affine.ts'
import { deferring, laterEach } from './deferred.ts'
import { dispatch, dispatchEach, gather, threads, type WebgpuBackend } from './dispatch.ts'

type Args = Parameters<KernelConfig['kernelFunc']>[0]
/** What is done while work is deferred; undefined: the package's own kernel does it. */
type Deferred = (args: Args, backend: WebgpuBackend) => TensorInfo | TensorInfo[] | undefined

const sizeOf = tf.util.sizeFromShape

/** Where entry `i` of a tensor of shape `sizes` lies in another, that is `steps` apart along each axis: WGSL, and its numbers. */
function place(
  sizes: readonly number[],
  steps: readonly number[],
  begin = 0,
  at = 'i'
): { at: string; numbers: number[] } {
  const axes: { size: number; step: number }[] = []
  sizes.forEach((size, d) => {
    const [step, last] = [steps[d]!, axes.at(-1)]
    if (size === 1) return
    if (last && last.step === step * size) axes[axes.length - 1] = { size: last.size * size, step }
    else axes.push({ size, step })
  })
  const numbers: number[] = []
  const number = (value: number): string => `#${numbers.push(value) - 1}`
  const terms: string[] = []
  let inner = 1
  for (let d = axes.length - 1; d >= 0; d--) {
    const { size, step } = axes[d]!
    if (step !== 0) {
      const over = inner === 1 ? at : `${at} / ${number(inner)}`
      const within = d === 0 ? over : `${over} % ${number(size)}`
      terms.push(step === 1 ? within : `(${within}) * ${number(step)}`)
    }
    inner *= size
  }
  if (begin !== 0) terms.push(number(begin))
  return { at: terms.join(' + ') || '0', numbers }
}

/** The same text with its numbers counted from another. */
const from = (text: string, first: number): string => text.replace(/#(\d+)/g, (_, n: string) => `#${Number(n) + first}`)

const stepsOf = (shape: readonly number[]): number[] => shape.map((_, d) => sizeOf(shape.slice(d + 1) as number[]))

/** Another view of a tensor. */
function view(
  backend: WebgpuBackend,
  x: TensorInfo,
  shape: readonly number[],
  steps: readonly number[],
  begin = 0
): TensorInfo {
  const { at, numbers } = place(shape, steps, begin)
  return laterEach(backend, { text: `return $0(${at});`, of: [x], numbers, shape, dtype: x.dtype, cost: 1 })
}

/** Entries of some tensors, each stretched over the shape: `say` makes WGSL of what their entries are. */
function entrywise(
  backend: WebgpuBackend,
  of: readonly TensorInfo[],
  dtype: TensorInfo['dtype'],
  cost: number,
  say: (...entries: string[]) => string
): TensorInfo {
  const shape = of.reduce(
    (whole, { shape }) => tf.broadcast_util.assertAndGetBroadcastShape(whole, shape),
    [] as number[]
  )
  const numbers: number[] = []
  const entries = of.map(({ shape: own }, n) => {
    const padded = [...Array.from({ length: shape.length - own.length }, () => 1), ...own]
    const steps = stepsOf(padded).map((step, d) => (padded[d] === 1 ? 0 : step))
    const placed = place(shape, steps)
    const first = numbers.length
    numbers.push(...placed.numbers)
    return `x${n} = $${n}(${from(placed.at, first)});`
  })
  const text = `${entries.map((entry) => `let ${entry}`).join(' ')} return ${say(...of.map((_, n) => `x${n}`))};`
  return laterEach(backend, { text, of, numbers, shape, dtype, cost })
}

const floats = (...tensors: readonly TensorInfo[]): boolean =>
  tensors.every(({ dtype, shape }) => dtype === 'float32' && sizeOf(shape) > 0)
const anyNumbers = (...tensors: readonly TensorInfo[]): boolean =>
  tensors.every(
    ({ dtype, shape }) => (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') && sizeOf(shape) > 0
  )

/** What is not exact in one instruction, and is not to be made again and again. */
const dear = 9

const unary =
  (say: (x: string) => string, cost = 1): Deferred =>
  ({ inputs }, backend) => {
    const x = inputs.x as TensorInfo
    return floats(x) ? entrywise(backend, [x], 'float32', cost, say) : undefined
  }

const binary =
  (say: (a: string, b: string) => string): Deferred =>
  ({ inputs }, backend) => {
    const { a, b } = inputs as Record<'a' | 'b', TensorInfo>
    return floats(a, b) ? entrywise(backend, [a, b], 'float32', 1, say) : undefined
  }

const comparison =
  (sign: string): Deferred =>
  ({ inputs }, backend) => {
    const { a, b } = inputs as Record<'a' | 'b', TensorInfo>
    return floats(a, b) ? entrywise(backend, [a, b], 'bool', 1, (a, b) => `select(0, 1, ${a} ${sign} ${b})`) : undefined
  }

/** e^-|x|, by which neither overflows. */
const sigmoid = (x: string): string => `select(exp(-abs(${x})), 1.0, ${x} >= 0.0) / (1.0 + exp(-abs(${x})))`

/** Parts of a tensor along an axis, one after another. */
function parts(
  backend: WebgpuBackend,
  x: TensorInfo,
  axis: number,
  sizes: readonly number[],
  keep: boolean
): TensorInfo[] {
  const steps = stepsOf(x.shape)
  let begin = 0
  return sizes.map((size) => {
    const shape = x.shape.map((n, d) => (d === axis ? size : n))
    const part = view(backend, x, shape, steps, begin * steps[axis]!)
    begin += size
    return keep ? part : { ...part, shape: shape.filter((_, d) => d !== axis) }
  })
}

/** Tensors one after another along an axis, before it `before` zeros and behind it as many as are left. */
function together(
  backend: WebgpuBackend,
  of: readonly TensorInfo[],
  shape: readonly number[],
  axis: number,
  before = 0,
  zero = '0.0'
): TensorInfo {
  const inner = sizeOf(shape.slice(axis + 1) as number[])
  const numbers = [inner, shape[axis]!]
  let end = before
  const lines = ['let c = i / #0 % #1; let o = i / (#0 * #1); let l = i % #0;']
  if (before > 0) lines.push(`if (c < #${numbers.push(before) - 1}) { return ${zero}; }`)
  of.forEach((x, n) => {
    const [begin, size] = [end, x.shape[axis]!]
    end += size
    const [b, s] = [numbers.push(begin) - 1, numbers.push(size) - 1]
    const entry = `return $${n}((o * #${s} + c - #${b}) * #0 + l);`
    lines.push(end === shape[axis] ? entry : `if (c < #${numbers.push(end) - 1}) { ${entry} }`)
  })
  if (end < shape[axis]!) lines.push(`return ${zero};`)
  return laterEach(backend, { text: lines.join(' '), of, numbers, shape, dtype: of[0]!.dtype, cost: 2 })
}

const beside = (backend: WebgpuBackend, of: readonly TensorInfo[], axis: number): TensorInfo =>
  inParts(backend, of, (some) => {
    const count = some.reduce((sum, { shape }) => sum + shape[axis]!, 0)
    return together(
      backend,
      some,
      some[0]!.shape.map((n, d) => (d === axis ? count : n)),
      axis
    )
  })

/** Something joined over axes. @param last what is made of it */
const reduction =
  (zero: string, join: (sum: string, x: string) => string, last: (sum: string) => string = (sum) => sum): Deferred =>
  ({ inputs, attrs }, backend) => {
    const x = inputs.x as TensorInfo
    if (!floats(x)) return undefined
    const { axis, keepDims } = attrs as { axis: number | number[]; keepDims: boolean }
    const axes = tf.util.parseAxisParam(axis, x.shape)
    const steps = stepsOf(x.shape)
    const kept = x.shape.map((_, d) => d).filter((d) => !axes.includes(d))
    const shape = keepDims ? x.shape.map((n, d) => (axes.includes(d) ? 1 : n)) : kept.map((d) => x.shape[d]!)
    const of = (which: readonly number[], at: string, first: number) => {
      const placed = place(
        which.map((d) => x.shape[d]!),
        which.map((d) => steps[d]!),
        0,
        at
      )
      const names = placed.numbers.map((value, n): [string, number] => [`n${first + n}`, value])
      return { at: placed.at.replace(/#(\d+)/g, (_, n: string) => `size.n${Number(n) + first}`), names }
    }
    const [outer, inner] = [of(kept, 'i', 0), of(axes, 'r', 100)]
    const count = sizeOf(axes.map((d) => x.shape[d]!))
    const whole = { count, ...Object.fromEntries([...outer.names, ...inner.names]) }
    const key = `reduction ${zero} ${join('a', 'b')} ${last('a')} ${outer.at} ${inner.at}`
    const entry = `a0[${outer.at} + ${inner.at}]`
    const total = sizeOf(shape)
    if (count < threads)
      return dispatchEach(backend, {
        key,
        code: `fn one(i: i32) {
  var sum = ${zero};
  for (var r = 0; r < size.count; r++) { sum = ${join('sum', entry)}; }
  r0[i] = ${last('sum')};
}`,
        ...{ inputs: [x], results: [shape], whole, single: {}, total }
      })[0]!
    return dispatch(backend, {
      key: `wide ${key}`,
      code: `
var<workgroup> part: array<f32, ${threads}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group(id);
  if (i >= size.total) { return; }
  var sum = ${zero};
  for (var r = i32(local); r < size.count; r += ${threads}) { sum = ${join('sum', entry)}; }
  ${gather('all', 'sum', threads, join)}
  if (local == 0u) { r0[i] = ${last('all')}; }
}
`,
      ...{ inputs: [x], results: [shape], whole: { ...whole, total }, single: {}, groups: total }
    })[0]!
  }

/** Softmax over the last axis, a row a thread. */
const softmax: Deferred = ({ inputs, attrs }, backend) => {
  const x = inputs.logits as TensorInfo
  const width = x.shape.at(-1)!
  const dim = (attrs as { dim: number }).dim
  if (!floats(x) || (dim !== -1 && dim !== x.shape.length - 1)) return undefined
  return dispatchEach(backend, {
    key: 'softmax',
    code: `fn one(i: i32) {
  let row = i * size.width;
  var top = a0[row];
  for (var l = 1; l < size.width; l++) { top = max(top, a0[row + l]); }
  var sum = 0.0;
  for (var l = 0; l < size.width; l++) {
    let e = exp(a0[row + l] - top);
    r0[row + l] = e;
    sum += e;
  }
  for (var l = 0; l < size.width; l++) { r0[row + l] = r0[row + l] / sum; }
}`,
    ...{ inputs: [x], results: [x.shape], whole: { width }, single: {}, total: sizeOf(x.shape) / width }
  })[0]!
}

const matMul: Deferred = ({ inputs, attrs }, backend) => {
  const { a, b } = inputs as Record<'a' | 'b', TensorInfo>
  if (!floats(a, b)) return undefined
  const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean }
  if (a.shape.at(transposeA ? -2 : -1) !== 1) return product(backend, a, b, { transposeA, transposeB })
  // Of one column and one row: each entry of one by each of the other.
  const column = { ...a, shape: [...a.shape.slice(0, -2), sizeOf(a.shape.slice(-2)), 1] }
  const row = { ...b, shape: [...b.shape.slice(0, -2), 1, sizeOf(b.shape.slice(-2))] }
  return entrywise(backend, [column, row], 'float32', 1, (a, b) => `${a} * ${b}`)
}

/** Something made of tensors of which only so many can be read at once: of some of them, then of what those are. */
function inParts(
  backend: WebgpuBackend,
  of: readonly TensorInfo[],
  make: (some: readonly TensorInfo[]) => TensorInfo
): TensorInfo {
  if (of.length <= most) return make(of)
  const some: TensorInfo[] = []
  for (let at = 0; at < of.length; at += most) some.push(make(of.slice(at, at + most)))
  const whole = inParts(backend, some, make)
  for (const { dataId } of some) backend.disposeData(dataId)
  return whole
}
const most = 6

const cast: Deferred = ({ inputs, attrs }, backend) => {
  const x = inputs.x as TensorInfo
  const { dtype } = attrs as { dtype: TensorInfo['dtype'] }
  if (!anyNumbers(x) || x.dtype === dtype) return undefined
  const zero = x.dtype === 'float32' ? '0.0' : '0'
  const say: Partial<Record<TensorInfo['dtype'], (x: string) => string>> = {
    float32: (x) => `f32(${x})`,
    int32: (x) => `i32(${x})`,
    bool: (x) => `select(0, 1, ${x} != ${zero})`
  }
  const as = say[dtype]
  return as && entrywise(backend, [x], dtype, 1, as)
}

const oneAxis = (axis: number, shape: readonly number[]): number => tf.util.parseAxisParam(axis, shape as number[])[0]!

const kernels: Readonly<Record<string, Deferred>> = {
  Add: binary((a, b) => `${a} + ${b}`),
  Sub: binary((a, b) => `${a} - ${b}`),
  Multiply: binary((a, b) => `${a} * ${b}`),
  RealDiv: binary((a, b) => `${a} / ${b}`),
  Maximum: binary((a, b) => `select(select(${b}, ${a}, ${a} > ${b}), ${a}, ${a} != ${a})`),
  Minimum: binary((a, b) => `select(select(${b}, ${a}, ${a} < ${b}), ${a}, ${a} != ${a})`),
  Greater: comparison('>'),
  GreaterEqual: comparison('>='),
  Less: comparison('<'),
  LessEqual: comparison('<='),
  Neg: unary((x) => `-${x}`),
  Square: unary((x) => `${x} * ${x}`),
  Abs: unary((x) => `abs(${x})`),
  Relu: unary((x) => `select(${x}, 0.0, ${x} < 0.0)`),
  Sqrt: unary((x) => `sqrt(${x})`, 3),
  Rsqrt: unary((x) => `inverseSqrt(${x})`, 3),
  Exp: unary((x) => `exp(${x})`, dear),
  Log: unary((x) => `log(${x})`, dear),
  Sigmoid: unary(sigmoid, dear),
  FusedSilu: ({ inputs }, backend) =>
    entrywise(backend, [(inputs as unknown as TensorInfo[])[0]!], 'float32', dear, (x) => `${x} * ${sigmoid(x)}`),
  FusedSiluBack: ({ inputs }, backend) => {
    const [x, dy] = inputs as unknown as [TensorInfo, TensorInfo]
    const s = sigmoid('x0')
    return entrywise(backend, [x, dy], 'float32', 2 * dear, (x, dy) => `${dy} * (${s}) * (1.0 + ${x} * (1.0 - ${s}))`)
  },
  // Beyond 15 it is 1; drivers may overflow there.
  Tanh: unary((x) => `tanh(clamp(${x}, -15.0, 15.0))`, dear),
  // ln(1 + e) of a small e by its series, which 1 + e would lose.
  Softplus: unary(
    (x) =>
      `max(${x}, 0.0) + select(log(1.0 + exp(-abs(${x}))), exp(-abs(${x})) * (1.0 - exp(-abs(${x})) * (0.5 - exp(-abs(${x})) / 3.0)), exp(-abs(${x})) < 0.01)`,
    2 * dear
  ),
  ZerosLike: ({ inputs }, backend) => {
    const x = inputs.x as TensorInfo
    return floats(x) ? laterEach(backend, { text: 'return 0.0;', of: [], shape: x.shape, cost: 0 }) : undefined
  },
  Step: ({ inputs, attrs }, backend) => {
    const x = inputs.x as TensorInfo
    const { alpha } = attrs as { alpha: number }
    return floats(x) && alpha === 0
      ? entrywise(backend, [x], 'float32', 1, (x) => `select(select(0.0, 1.0, ${x} > 0.0), ${x}, ${x} != ${x})`)
      : undefined
  },
  Cast: cast,
  AddN: ({ inputs }, backend) => {
    const of = inputs as unknown as TensorInfo[]
    return floats(...of)
      ? inParts(backend, of, (some) =>
          entrywise(backend, some, 'float32', some.length - 1, (...entries) => entries.join(' + '))
        )
      : undefined
  },
  Transpose: ({ inputs, attrs }, backend) => {
    const x = inputs.x as TensorInfo
    const { perm } = attrs as { perm: number[] }
    const steps = stepsOf(x.shape)
    return anyNumbers(x)
      ? view(
          backend,
          x,
          perm.map((d) => x.shape[d]!),
          perm.map((d) => steps[d]!)
        )
      : undefined
  },
  Slice: ({ inputs, attrs }, backend) => {
    const x = inputs.x as TensorInfo
    const { begin, size } = attrs as { begin: number[]; size: number[] }
    const [starts, sizes] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size)
    const steps = stepsOf(x.shape)
    const first = starts.reduce((sum, start, d) => sum + start * steps[d]!, 0)
    return anyNumbers(x) && sizeOf(sizes) > 0 ? view(backend, x, sizes, steps, first) : undefined
  },
  Tile: ({ inputs, attrs }, backend) => {
    const x = inputs.x as TensorInfo
    const { reps } = attrs as { reps: number[] }
    const shape = x.shape.map((n, d) => n * reps[d]!)
    if (!anyNumbers(x) || sizeOf(shape) === 0) return undefined
    const steps = stepsOf(x.shape)
    const made = view(
      backend,
      x,
      x.shape.flatMap((n, d) => [reps[d]!, n]),
      x.shape.flatMap((_, d) => [0, steps[d]!])
    )
    return { ...made, shape }
  },
  FusedRepeat: ({ inputs, attrs }, backend) => {
    const [x] = inputs as unknown as [TensorInfo]
    const { count } = attrs as { count: number }
    const [rows, ...shape] = x.shape as [number, ...number[]]
    const width = sizeOf(shape)
    return { ...view(backend, x, [rows, count, width], [width, 0, 1]), shape: [rows * count, ...shape] }
  },
  FusedTake: ({ inputs }, backend) => {
    const [x, places] = inputs as unknown as [TensorInfo, TensorInfo]
    const [count, width] = [places.shape[0]!, x.shape[1]!]
    const text = 'return $0($1(i / #0) * #0 + i % #0);'
    return laterEach(backend, { text, of: [x, places], numbers: [width], shape: [count, width], cost: 2 })
  },
  FusedTakeBack: ({ inputs }, backend) => {
    const [x, places, dy] = inputs as unknown as [TensorInfo, TensorInfo, TensorInfo]
    const { values } = backend.tensorMap.get(places.dataId)
    if (!values) return undefined
    const [rows, width] = x.shape as [number, number]
    // Where the places of each row begin, and then they themselves.
    const table = new Int32Array(rows + 1 + values.length)
    for (const row of values) table[row + 1]++
    for (let row = 0; row < rows; row++) table[row + 1] += table[row]!
    const next = table.slice(0, rows)
    values.forEach((row, i) => (table[rows + 1 + next[row]++] = i))
    const lists = backend.makeTensorInfo([table.length], 'int32', table)
    const text =
      'let row = i / #0; let l = i % #0; var sum = 0.0; for (var n = $1(row); n < $1(row + 1); n++) { sum += $0($1(#1 + n) * #0 + l); } return sum;'
    const made = laterEach(backend, { text, of: [dy, lists], numbers: [width, rows + 1], shape: x.shape, cost: 6 })
    backend.disposeData(lists.dataId)
    return made
  },
  FusedRepeatBack: ({ inputs, attrs }, backend) => {
    const [dy] = inputs as unknown as [TensorInfo]
    const { count } = attrs as { count: number }
    const [all, ...shape] = dy.shape as [number, ...number[]]
    const text =
      'let begin = i / #0 * #0 * #1 + i % #0; var sum = 0.0; for (var n = 0; n < #1; n++) { sum += $0(begin + n * #0); } return sum;'
    const numbers = [sizeOf(shape), count]
    return laterEach(backend, { text, of: [dy], numbers, shape: [all / count, ...shape], cost: 12 })
  },
  FusedShift: ({ inputs }, backend) => {
    const [x, mix] = inputs as unknown as [TensorInfo, TensorInfo]
    const [, length, width] = x.shape as [number, number, number]
    const text =
      'let line = i / #0; let m = 0.5 + $1(line / #1 * #0 + i % #0); let x = $0(i); var before = 0.0; if (line % #2 > 0) { before = $0(i - #0); } return x + m * (before - x);'
    const numbers = [width, (length * x.shape[0]!) / mix.shape[0]!, length]
    return laterEach(backend, { text, of: [x, mix], numbers, shape: x.shape, cost: 4 })
  },
  SplitV: ({ inputs, attrs }, backend) => {
    const x = inputs.x as TensorInfo
    const { numOrSizeSplits, axis } = attrs as { numOrSizeSplits: number | number[]; axis: number }
    const at = oneAxis(axis, x.shape)
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, at)
    return anyNumbers(x) && sizes.every((size) => size > 0) ? parts(backend, x, at, sizes, true) : undefined
  },
  Unpack: ({ inputs, attrs }, backend) => {
    const x = inputs.value as TensorInfo
    const at = oneAxis((attrs as { axis: number }).axis, x.shape)
    const sizes = Array.from({ length: x.shape[at]! }, () => 1)
    return anyNumbers(x) ? parts(backend, x, at, sizes, false) : undefined
  },
  Concat: ({ inputs, attrs }, backend) => {
    const of = (inputs as unknown as TensorInfo[]).filter(({ shape }) => sizeOf(shape) > 0)
    if (of.length < 2 || !floats(...of)) return undefined
    const at = oneAxis((attrs as { axis: number }).axis, of[0]!.shape)
    return beside(backend, of, at)
  },
  Pack: ({ inputs, attrs }, backend) => {
    const of = inputs as unknown as TensorInfo[]
    if (!floats(...of)) return undefined
    const [own, { axis }] = [of[0]!.shape, attrs as { axis: number }]
    const at = axis < 0 ? axis + own.length + 1 : axis
    const as = of.map((x) => ({ ...x, shape: [...own.slice(0, at), 1, ...own.slice(at)] }))
    return beside(backend, as, at)
  },
  PadV2: ({ inputs, attrs }, backend) => {
    const x = inputs.x as TensorInfo
    const { paddings, constantValue } = attrs as { paddings: [number, number][]; constantValue: number }
    if (!floats(x) || constantValue !== 0) return undefined
    let padded = x
    paddings.forEach(([before, after], d) => {
      if (before + after === 0) return
      const wider = together(
        backend,
        [padded],
        padded.shape.map((n, at) => (at === d ? n + before + after : n)),
        d,
        before
      )
      if (padded !== x) backend.disposeData(padded.dataId)
      padded = wider
    })
    return padded === x ? undefined : padded
  },
  Sum: reduction('0.0', (sum, x) => `${sum} + ${x}`),
  Mean: reduction(
    '0.0',
    (sum, x) => `${sum} + ${x}`,
    (sum) => `${sum} / f32(size.count)`
  ),
  Max: ({ inputs, attrs, backend }, own) => {
    const { reductionIndices, keepDims } = attrs as { reductionIndices: number | number[]; keepDims: boolean }
    return reduction('-3.4028234e38', (top, x) => `max(${top}, ${x})`)(
      { inputs, attrs: { axis: reductionIndices, keepDims } as Args['attrs'], backend },
      own
    )
  },
  Softmax: softmax,
  BatchMatMul: matMul
}

/** Put them in place. Call it once, after the package's and our own are registered. */
export function replaceDeferred(): void {
  for (const [name, instead] of Object.entries(kernels))
    replaceKernel(
      name,
      'webgpu',
      (args, own) => (deferring() ? instead(args, args.backend as WebgpuBackend) : undefined) ?? own(args)
    )
}
