/**
 * S_t = a_t S_(t-1) + k_t^T u_t, y_t = q_t S_t on webgpu, token by token; u_t = v_t, or, with b, b_t (v_t - a_t k_t S_(t-1)):
 * no column of S knows another. What is not there (q, a, b, the first S) is left out of the shader.
 */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { RecurrenceGiven } from '../../fused-ops.ts'
import { dispatch, laid, parted, threads, type WebgpuBackend } from './dispatch.ts'

/** y [B, H, L, d_v] and S_L. Inputs: q, k, v and those of a, b, S_0 that are given. */
export function recurrence(backend: WebgpuBackend, inputs: TensorInfo[], given: RecurrenceGiven): TensorInfo[] {
  const [q, , v] = inputs
  const [batch, heads, length, dk] = q.shape as [number, number, number, number]
  const dv = v.shape[3]!
  const [decay, beta, state] = names(given, 3)
  return alongColumns(
    backend,
    inputs,
    [
      [batch, heads, dk, dv],
      [batch, heads, length, dv]
    ],
    { rows: batch * heads, length, dk, dv },
    { key: 'a1', value: 'a2', asked: 'a0', decay: decay && `${decay}[t]`, beta: beta && `${beta}[t]`, state }
  ).reverse()
}

/** S <- S + beta k^T (v - k S), item by item; S [B, d, e], k [B, N, d], v [B, N, e]. */
export function writeDelta(backend: WebgpuBackend, inputs: TensorInfo[], { beta }: { beta: number }): TensorInfo[] {
  const [matrix, keys] = inputs
  const [rows, dk, dv] = matrix.shape as [number, number, number]
  return alongColumns(
    backend,
    inputs,
    [matrix.shape],
    { rows, length: keys.shape[1]!, dk, dv },
    { key: 'a1', value: 'a2', beta: 'size.beta', state: 'a0' },
    { beta }
  )
}

/** Where the shader finds what it is given. */
interface Places {
  key: string
  value: string
  asked?: string
  decay?: string | undefined
  beta?: string | undefined
  state?: string | undefined
}

/** The names of a, b and the first S among the inputs, of which the first is `from`. */
function names({ decay, beta, state }: RecurrenceGiven, from: number): (string | undefined)[] {
  let at = from
  return [decay, beta, state].map((there) => (there ? `a${at++}` : undefined))
}

/** Makes S_L and, where something asks, y: a thread a column. */
function alongColumns(
  backend: WebgpuBackend,
  inputs: TensorInfo[],
  results: number[][],
  { rows, length, dk, dv }: { rows: number; length: number; dk: number; dv: number },
  { key, value, asked, decay, beta, state }: Places,
  single: Record<string, number> = {}
): TensorInfo[] {
  const blocks = Math.ceil(dv / threads)
  return dispatch(backend, {
    key: `recurrence ${[asked, decay, beta, state].join()}`,
    code: `
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let which = group(id);
  let row = which / size.blocks;
  let c = (which % size.blocks) * ${threads} + i32(local);
  if (row >= size.rows || c >= size.dv) { return; }
  let S = row * size.dk * size.dv + c;
  for (var r = 0; r < size.dk; r++) { r0[S + r * size.dv] = ${state ? `${state}[S + r * size.dv]` : '0.0'}; }
  for (var t = row * size.length; t < (row + 1) * size.length; t++) {
    let a = ${decay ?? '1.0'};
    var u = ${value}[t * size.dv + c];
    ${
      beta
        ? `var known = 0.0;
    for (var r = 0; r < size.dk; r++) { known += ${key}[t * size.dk + r] * r0[S + r * size.dv]; }
    u = ${beta} * (u - a * known);`
        : ''
    }
    var y = 0.0;
    for (var r = 0; r < size.dk; r++) {
      let entry = a * r0[S + r * size.dv] + ${key}[t * size.dk + r] * u;
      r0[S + r * size.dv] = entry;
      ${asked ? `y += ${asked}[t * size.dk + r] * entry;` : ''}
    }
    ${asked ? 'r1[t * size.dv + c] = y;' : ''}
  }
}
`,
    inputs,
    results,
    whole: { rows, blocks, length, dk, dv },
    single,
    groups: rows * blocks,
    long: true
  })
}

/**
 * The gradients of what is given. Inputs: those of `recurrence`, then those of y and of S_L. A workgroup a head walks back
 * over stretches of tokens: it keeps S at the start of each, and makes the others anew when it comes there. With G the gradient of
 * S_t, of which dy_t is part, and w = -b du:
 *
 *   dq = S_t dy^T,   du = k G,   dk = G u^T + a S_(t-1) w^T,   dv = b du,   db = <du, v - a k S_(t-1)>
 *   da = <G, S_(t-1)> + <w, k S_(t-1)>,   G <- a (G + k^T w)
 *
 * Without b, u = v, dv = du and w = 0.
 */
export function recurrenceBack(backend: WebgpuBackend, inputs: TensorInfo[], given: RecurrenceGiven): TensorInfo[] {
  const [q, , v] = inputs
  const [batch, heads, length, dk] = q.shape as [number, number, number, number]
  const dv = v.shape[3]!
  const rows = batch * heads
  const stretch = Math.ceil(Math.sqrt(length))
  const stretches = Math.ceil(length / stretch)
  const shapes = inputs.slice(0, -2).map(({ shape }) => shape)
  const order = ['q', 'k', 'v', ...(['decay', 'beta', 'state'] as const).filter((name) => given[name]), 'dy', 'last']
  const { all, at } = laid(backend, order, inputs)
  // The gradients lie as what they are of does.
  const work = at.dy!
  const each = (stretches + stretch + 1) * dk * dv + 4 * dv + dk
  const [made] = dispatch(backend, {
    key: `recurrence back ${Object.values(given).join()}`,
    code: backCode(given),
    inputs: [all],
    results: [[work + rows * each]],
    whole: {
      ...at,
      ...{ rows, length, dk, dv, stretch, stretches, work, each }
    },
    single: {},
    groups: rows,
    long: true
  })
  backend.disposeData(all.dataId)
  return parted(backend, made, shapes)
}

const backCode = ({ decay, beta, state }: RecurrenceGiven): string => `
var<private> token: i32;
fn q(r: i32) -> f32 { return a0[size.q + token * size.dk + r]; }
fn k(r: i32) -> f32 { return a0[size.k + token * size.dk + r]; }
fn v(c: i32) -> f32 { return a0[size.v + token * size.dv + c]; }
fn dy(c: i32) -> f32 { return a0[size.dy + token * size.dv + c]; }
fn a() -> f32 { return ${decay ? 'a0[size.decay + token]' : '1.0'}; }
fn b() -> f32 { return ${beta ? 'a0[size.beta + token]' : '1.0'}; }

/** Column c of S, moved on by a token. */
fn step(S: i32, into: i32, c: i32) {
  var u = v(c);
  ${
    beta
      ? `var known = 0.0;
  for (var r = 0; r < size.dk; r++) { known += k(r) * r0[S + r * size.dv + c]; }
  u = b() * (u - a() * known);`
      : ''
  }
  for (var r = 0; r < size.dk; r++) {
    r0[into + r * size.dv + c] = a() * r0[S + r * size.dv + c] + k(r) * u;
  }
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = group(id);
  if (row >= size.rows) { return; }
  let me = i32(local);
  let matrix = size.dk * size.dv;
  // S before each stretch, S after each token of one, G; u, w, and what each column and row adds to da and db.
  let starts = size.work + row * size.each;
  let within = starts + size.stretches * matrix;
  let G = within + size.stretch * matrix;
  let u = G + matrix;
  let w = u + size.dv;
  let ofColumns = w + size.dv;
  let ofRows = ofColumns + 2 * size.dv;
  for (var c = me; c < size.dv; c += ${threads}) {
    for (var r = 0; r < size.dk; r++) {
      r0[starts + r * size.dv + c] = ${state ? 'a0[size.state + row * matrix + r * size.dv + c]' : '0.0'};
      r0[G + r * size.dv + c] = a0[size.last + row * matrix + r * size.dv + c];
    }
    for (var s = 1; s < size.stretches; s++) {
      for (var i = 0; i < size.stretch; i++) {
        token = row * size.length + (s - 1) * size.stretch + i;
        step(select(starts + s * matrix, starts + (s - 1) * matrix, i == 0), starts + s * matrix, c);
      }
    }
  }
  for (var s = size.stretches - 1; s >= 0; s--) {
    let first = s * size.stretch;
    let count = min(size.stretch, size.length - first);
    for (var c = me; c < size.dv; c += ${threads}) {
      for (var i = 0; i < count; i++) {
        token = row * size.length + first + i;
        step(select(within + (i - 1) * matrix, starts + s * matrix, i == 0), within + i * matrix, c);
      }
    }
    for (var i = count - 1; i >= 0; i--) {
      token = row * size.length + first + i;
      let now = within + i * matrix;
      let before = select(within + (i - 1) * matrix, starts + s * matrix, i == 0);
      for (var c = me; c < size.dv; c += ${threads}) {
        var du = 0.0;
        var known = 0.0;
        for (var r = 0; r < size.dk; r++) {
          let at = r * size.dv + c;
          r0[G + at] += q(r) * dy(c);
          du += k(r) * r0[G + at];
          ${beta ? 'known += k(r) * r0[before + at];' : ''}
        }
        let miss = v(c) - ${beta ? 'a() * known' : '0.0'};
        r0[u + c] = b() * miss;
        r0[w + c] = ${beta ? '-b() * du' : '0.0'};
        r0[size.v + token * size.dv + c] = b() * du;
        r0[ofColumns + c] = r0[w + c] * known;
        r0[ofColumns + size.dv + c] = du * miss;
      }
      storageBarrier();
      workgroupBarrier();
      for (var r = me; r < size.dk; r += ${threads}) {
        var dq = 0.0;
        var dk = 0.0;
        var da = 0.0;
        for (var c = 0; c < size.dv; c++) {
          let at = r * size.dv + c;
          dq += r0[now + at] * dy(c);
          dk += r0[G + at] * r0[u + c]${beta ? ' + a() * r0[w + c] * r0[before + at]' : ''};
          da += r0[G + at] * r0[before + at];
        }
        r0[size.q + token * size.dk + r] = dq;
        r0[size.k + token * size.dk + r] = dk;
        r0[ofRows + r] = da;
      }
      storageBarrier();
      workgroupBarrier();
      if (me == 0) {
        var da = 0.0;
        var db = 0.0;
        for (var r = 0; r < size.dk; r++) { da += r0[ofRows + r]; }
        for (var c = 0; c < size.dv; c++) {
          da += r0[ofColumns + c];
          db += r0[ofColumns + size.dv + c];
        }
        ${decay ? 'r0[size.decay + token] = da;' : ''}
        ${beta ? 'r0[size.beta + token] = db;' : ''}
      }
      for (var c = me; c < size.dv; c += ${threads}) {
        for (var r = 0; r < size.dk; r++) {
          let at = G + r * size.dv + c;
          r0[at] = a() * (r0[at]${beta ? ' + k(r) * r0[w + c]' : ''});
        }
      }
      storageBarrier();
      workgroupBarrier();
    }
  }
  ${
    state
      ? `for (var c = me; c < size.dv; c += ${threads}) {
    for (var r = 0; r < size.dk; r++) {
      r0[size.state + row * matrix + r * size.dv + c] = r0[G + r * size.dv + c];
    }
  }`
      : ''
  }
}
`
