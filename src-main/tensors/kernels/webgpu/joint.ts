/** Gradient steps on slots on webgpu: all update steps of a store in one dispatch, a workgroup a trial. */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { JointAttrs } from '../../fused-ops.ts'
import { dispatch, joined, parted, type WebgpuBackend } from './dispatch.ts'

/**
 * Adam steps of K, V [B, M, d] on mean((softmax(Q K^T) V - T)^2); see models/parts/slots/slot-gradient.ts. Inputs: Q, T [B, N, d], or
 * X, Y [B, N, t] that Wk, bk, Wv and bv make them of; the rates of each step [steps, 2 parameters]; K, V and, if there are, those
 * four; once there are any, Adam's two means of each. @returns the parameters, and their means
 */
export function writeJointly(
  backend: WebgpuBackend,
  [X, Y, rates, ...state]: TensorInfo[],
  { projected }: JointAttrs
): TensorInfo[] {
  const names = projected ? ['K', 'V', 'Wk', 'bk', 'Wv', 'bv'] : ['K', 'V']
  const moved = state.length > names.length
  const parameters = state.slice(0, names.length)
  const [batch, slots, dim] = parameters[0].shape as [number, number, number]
  const [, items, width] = X.shape as [number, number, number]
  const shapes = parameters.map(({ shape }) => shape)
  const made = [...shapes, ...shapes.flatMap((shape) => [shape, shape])]
  const sizes = made.map((shape) => shape.reduce((a, b) => a * b, 1))
  const begins = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0))
  const work = sizes.reduce((a, b) => a + b, 0)
  const begin = joined(backend, state)
  const [whole] = dispatch(backend, {
    key: `joint ${moved} ${projected}`,
    code: codeOf(names, moved, projected),
    inputs: [begin, X, Y, rates],
    // Behind the state what each trial works in: weights, their gradients, what misses the targets, and what its maker needs.
    results: [[work + batch * items * (2 * slots + (projected ? 4 : 1) * dim)]],
    whole: {
      ...Object.fromEntries(
        names.flatMap((name, i) => [
          [`to${name}`, begins[i]!],
          [`mean${name}`, begins[names.length + 2 * i]!],
          [`square${name}`, begins[names.length + 2 * i + 1]!]
        ])
      ),
      ...{ batch, slots, dim, items, width, work, steps: rates.shape[0]! }
    },
    single: { scale: 2 / (items * dim) },
    groups: batch,
    long: true
  })
  backend.disposeData(begin.dataId)
  return parted(backend, whole, made)
}

/** Threads of a trial. */
const threads = 256

/** Numbers of a parameter that a trial has. */
const sizeOf: Readonly<Record<string, string>> = {
  ...{ K: 'size.slots * size.dim', V: 'size.slots * size.dim' },
  ...{ Wk: 'size.dim * size.width', bk: 'size.dim', Wv: 'size.dim * size.width', bv: 'size.dim' }
}

function codeOf(names: readonly string[], moved: boolean, projected: boolean): string {
  /** Each entry of a parameter, and in `place` where the trial's is. */
  const every = (name: string, body: string): string => `
  for (var at = i32(local); at < ${sizeOf[name]}; at += ${threads}) {
    let place = trial * (${sizeOf[name]}) + at;
    ${body}
  }`
  const begin = (name: string): string => {
    const whole = ['to', 'mean', 'square'].map((part) => `size.${part}${name} + place`)
    return every(name, whole.map((at, i) => `r0[${at}] = ${moved || i === 0 ? `a0[${at}]` : '0.0'};`).join('\n    '))
  }
  const step = (name: string, gradient: string): string => {
    const rate = `a3[${2 * names.length} * step + ${2 * names.indexOf(name)}`
    return `r0[size.to${name} + place] -= adam(${gradient}, size.mean${name} + place, size.square${name} + place, ${rate}], ${rate} + 1]);`
  }
  const [q, t] = projected ? ['r0[asked + row', 'r0[wanted + row'] : ['a1[row', 'a2[row']
  /** A weight and its bias, whose gradients are sums over the items of what reached the row. */
  const map = (weight: string, bias: string, reached: string, item: string): string =>
    every(
      weight,
      `let o = at / size.width;
    var gradient = 0.0;
    for (var i = 0; i < size.items; i++) { gradient += ${reached} * ${item}[(rows + i) * size.width + at % size.width]; }
    ${step(weight, 'gradient')}`
    ) +
    every(
      bias,
      `let o = at;
    var gradient = 0.0;
    for (var i = 0; i < size.items; i++) { gradient += ${reached}; }
    ${step(bias, 'gradient')}`
    )
  return `
fn adam(gradient: f32, mean: i32, square: i32, rate: f32, root: f32) -> f32 {
  let m = r0[mean] + (gradient - r0[mean]) * 0.1;
  let v = r0[square] + (gradient * gradient - r0[square]) * 0.001;
  r0[mean] = m;
  r0[square] = v;
  return rate * m / (sqrt(v) * root + 1e-8);
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let trial = group(id);
  if (trial >= size.batch) { return; }
  let K = size.toK + trial * size.slots * size.dim;
  let V = size.toV + trial * size.slots * size.dim;
  let rows = trial * size.items;
  // Behind the state, of all trials: the weights P, their gradients dS, what misses the targets F; Q, T and the gradient of Q.
  let shares = size.work;
  let grads = shares + size.batch * size.items * size.slots;
  let misses = grads + size.batch * size.items * size.slots;
  let asked = misses + size.batch * size.items * size.dim;
  let wanted = asked + size.batch * size.items * size.dim;
  let asks = wanted + size.batch * size.items * size.dim;
  ${names.map(begin).join('')}
  storageBarrier();
  workgroupBarrier();
  for (var step = 0; step < size.steps; step++) {
    ${
      projected
        ? `for (var at = i32(local); at < size.items * size.dim; at += ${threads}) {
      let row = (rows + at / size.dim) * size.width;
      let o = trial * size.dim + at % size.dim;
      var q = r0[size.tobk + o];
      var t = r0[size.tobv + o];
      for (var l = 0; l < size.width; l++) {
        q += a1[row + l] * r0[size.toWk + o * size.width + l];
        t += a2[row + l] * r0[size.toWv + o * size.width + l];
      }
      r0[asked + rows * size.dim + at] = q;
      r0[wanted + rows * size.dim + at] = t;
    }
    storageBarrier();
    workgroupBarrier();`
        : ''
    }
    for (var i = i32(local); i < size.items; i += ${threads}) {
      let row = (rows + i) * size.dim;
      let p = (rows + i) * size.slots;
      var top = -3.4028234e38;
      for (var m = 0; m < size.slots; m++) {
        var score = 0.0;
        for (var l = 0; l < size.dim; l++) { score += ${q} + l] * r0[K + m * size.dim + l]; }
        r0[shares + p + m] = score;
        top = max(top, score);
      }
      var total = 0.0;
      for (var m = 0; m < size.slots; m++) {
        let e = exp(r0[shares + p + m] - top);
        r0[shares + p + m] = e;
        total += e;
      }
      for (var m = 0; m < size.slots; m++) { r0[shares + p + m] = r0[shares + p + m] / total; }
      for (var l = 0; l < size.dim; l++) {
        var read = 0.0;
        for (var m = 0; m < size.slots; m++) { read += r0[shares + p + m] * r0[V + m * size.dim + l]; }
        r0[misses + row + l] = size.scale * (read - ${t} + l]);
      }
      var inner = 0.0;
      for (var m = 0; m < size.slots; m++) {
        var dp = 0.0;
        for (var l = 0; l < size.dim; l++) { dp += r0[misses + row + l] * r0[V + m * size.dim + l]; }
        r0[grads + p + m] = dp;
        inner += dp * r0[shares + p + m];
      }
      for (var m = 0; m < size.slots; m++) { r0[grads + p + m] = r0[shares + p + m] * (r0[grads + p + m] - inner); }
      ${
        projected
          ? `for (var l = 0; l < size.dim; l++) {
        var ask = 0.0;
        for (var m = 0; m < size.slots; m++) { ask += r0[grads + p + m] * r0[K + m * size.dim + l]; }
        r0[asks + row + l] = ask;
      }`
          : ''
      }
    }
    storageBarrier();
    workgroupBarrier();
    ${every(
      'K',
      `let m = at / size.dim;
    let l = at % size.dim;
    var key = 0.0;
    var value = 0.0;
    for (var i = 0; i < size.items; i++) {
      let p = (rows + i) * size.slots + m;
      let row = (rows + i) * size.dim;
      key += r0[grads + p] * ${q} + l];
      value += r0[shares + p] * r0[misses + row + l];
    }
    ${step('K', 'key')}
    ${step('V', 'value')}`
    )}
    ${
      projected
        ? map('Wk', 'bk', 'r0[asks + (rows + i) * size.dim + o]', 'a1') +
          map('Wv', 'bv', '-r0[misses + (rows + i) * size.dim + o]', 'a2')
        : ''
    }
    storageBarrier();
    workgroupBarrier();
  }
}
`
}
