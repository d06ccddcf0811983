/** Episodes written one Adam step after another on webgpu: a whole store in one dispatch, a workgroup a trial. */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { EpisodesAttrs } from '../../fused-ops.ts'
import { dispatch, gather, laid, parted, type WebgpuBackend } from './dispatch.ts'

/** Threads of a trial. */
const threads = 128

/**
 * The steps of models/parts/slots/slot-gradient.ts for each episode. Inputs: untouched slots [B, M, .], where some come into use, bound
 * as they are: keys K, values V and, with contexts, C; the same of the slots so far [B, held, .], if any; of the items [B, N, .];
 * what is added to the scores [1 or N, u]; slots in use at each episode [N]; which item is first copied into each slot [u];
 * 1 - b1^t and 1 - b2^t of each parameter [B]; with a plan inner and outer steps and threshold [B, N, 3]; and of each parameter
 * that has taken a step before its means [B, h, .]. @returns the parameters, their means, and 1 - b^t [B, 1, 1]
 */
export function writeEpisodes(backend: WebgpuBackend, inputs: TensorInfo[], attrs: EpisodesAttrs): TensorInfo[] {
  const { contexts, plan, history, outer, inner, learningRate, orthogonality } = attrs
  const { slots, held, grown, copied, contextWeight } = attrs
  const parameters = ['K', 'V', ...(contexts ? ['C'] : [])]
  const names = [
    ...(held[0] > 0 ? parameters : []),
    ...parameters.map((name) => `item${name}`),
    ...['recency', 'used'],
    ...(copied ? ['copied'] : []),
    ...parameters.flatMap((name) => [`first${name}`, `second${name}`]),
    ...(plan ? ['plan'] : []),
    ...parameters.flatMap((name, i) => (history[i]! > 0 ? [`mean${name}`, `square${name}`] : []))
  ]
  const untouched = grown ? inputs.slice(0, parameters.length) : []
  const others = inputs.slice(untouched.length)
  const { all, at } = laid(backend, names, others)
  const of = (name: string): TensorInfo => others[names.indexOf(name)]
  const items = parameters.map((name) => of(`item${name}`))
  const [batch, count, dim] = items[0].shape as [number, number, number]
  const recency = of('recency')
  const shapes = items.map(({ shape }) => [batch, slots, shape[2]!])
  const made = [
    ...shapes,
    ...shapes.flatMap((shape) => [shape, shape]),
    ...parameters.flatMap(() => [
      [batch, 1, 1],
      [batch, 1, 1]
    ])
  ]
  const sizes = made.map((shape) => shape.reduce((a, b) => a * b, 1))
  const begins = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0))
  const work = begins.at(-1)! + batch
  const gram = orthogonality > 0 ? Math.min(slots, dim) ** 2 : 0
  const each = 2 * slots + dim + gram + slots * dim
  const key = [contexts, plan, grown, copied, held[0] > 0, history.map((rows) => rows > 0), orthogonality > 0]
  const [whole] = dispatch(backend, {
    key: `episodes ${key.join()}`,
    code: codeOf(attrs),
    inputs: [all, ...untouched],
    results: [[work + batch * each]],
    whole: {
      ...at,
      ...Object.fromEntries(
        parameters.flatMap((name, i) => [
          [`to${name}`, begins[i]!],
          [`toMean${name}`, begins[parameters.length + 2 * i]!],
          [`toSquare${name}`, begins[parameters.length + 2 * i + 1]!],
          [`toFirst${name}`, begins[3 * parameters.length + 2 * i]!],
          [`history${name}`, history[i]!],
          [`held${name}`, held[i]!]
        ])
      ),
      ...{ batch, slots, dim, contextDim: contexts ? items[2]!.shape[2]! : 0, items: count },
      ...{ ages: recency.shape[0]! > 1 ? slots : 0, outerSteps: outer, innerSteps: inner, work, each, gram },
      untouched: untouched[0]?.shape[1] ?? 0
    },
    single: { learningRate, orthogonality, contextWeight },
    groups: batch,
    long: true
  })
  backend.disposeData(all.dataId)
  return parted(backend, whole, made)
}

/** What is done once for each entry of a parameter. */
const entries = (name: string, width: string, body: string): string => `
  for (var at = me; at < size.slots * size.${width}; at += ${threads}) {
    let m = at / size.${width};
    let l = at % size.${width};
    let place = trial * size.slots * size.${width} + at;
    ${body.replaceAll('@', name)}
  }
`

function codeOf({ contexts, plan, history, held, grown, copied, orthogonality }: EpisodesAttrs): string {
  const parameters = [['K', 'dim'], ['V', 'dim'], ...(contexts ? [['C', 'contextDim']] : [])] as [string, string][]
  /** What a slot's entry is before the steps: an episode's, the slot's own, or an untouched slot's. */
  const sourceOf = (width: string, i: number): string => {
    const own = `a0[size.@ + (trial * size.held@ + m) * size.${width} + l]`
    const fresh = `a${i + 1}[(trial * size.untouched + m) * size.${width} + l]`
    const before = held[0] > 0 && grown ? `if (m < size.held@) { entry = ${own}; } else { entry = ${fresh}; }` : ''
    return `var entry = 0.0;
    ${before || `entry = ${held[0] > 0 ? own : fresh};`}
    ${
      copied
        ? `let source = i32(a0[size.copied + m]);
    if (source >= 0) { entry = a0[size.item@ + (trial * size.items + source) * size.${width} + l]; }`
        : ''
    }`
  }
  const begin = ([name, width]: [string, string], i: number): string =>
    entries(
      name,
      width,
      `${sourceOf(width, i)}
    r0[size.to@ + place] = entry;
    ${
      history[i]! > 0
        ? `let old = (trial * size.history@ + m) * size.${width} + l;
    r0[size.toMean@ + place] = select(0.0, a0[size.mean@ + old], m < size.history@);
    r0[size.toSquare@ + place] = select(0.0, a0[size.square@ + old], m < size.history@);`
        : `r0[size.toMean@ + place] = 0.0;
    r0[size.toSquare@ + place] = 0.0;`
    }`
    )
  const step = (name: string, at: string, gradient: string): string =>
    `r0[size.to${name} + ${at}] -= adam(size.toMean${name} + ${at}, size.toSquare${name} + ${at}, ${gradient}, first${name}, second${name});`
  return `
var<workgroup> part: array<f32, ${threads}>;

/** How far an entry moves; 1 - b^t after the step are first and second. */
fn adam(mean: i32, square: i32, gradient: f32, first: f32, second: f32) -> f32 {
  let m = r0[mean] + (gradient - r0[mean]) * 0.1;
  let v = r0[square] + (gradient * gradient - r0[square]) * 0.001;
  r0[mean] = m;
  r0[square] = v;
  return size.learningRate / first * m / (sqrt(v) / sqrt(second) + 1e-8);
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let trial = group(id);
  if (trial >= size.batch) { return; }
  let me = i32(local);
  let K = size.toK + trial * size.slots * size.dim;
  let V = size.toV + trial * size.slots * size.dim;
  ${contexts ? 'let C = size.toC + trial * size.slots * size.contextDim;' : ''}
  // Weights of the slots P and their gradients D, what is missed F, products of values G, gradients of the values W.
  let P = size.work + trial * size.each;
  let D = P + size.slots;
  let F = D + size.slots;
  let G = F + size.dim;
  let W = G + size.gram;
  ${parameters.map(([name]) => `var first${name} = a0[size.first${name} + trial];\n  var second${name} = a0[size.second${name} + trial];`).join('\n  ')}
  ${parameters.map(begin).join('')}
  storageBarrier();
  workgroupBarrier();
  for (var o = 0; o < size.outerSteps; o++) {
  for (var i = 0; i < size.items; i++) {
  for (var s = 0; s < size.innerSteps; s++) {
    let item = trial * size.items + i;
    let used = i32(a0[size.used + i]);
    let key = size.itemK + item * size.dim;
    let value = size.itemV + item * size.dim;
    ${contexts ? 'let context = size.itemC + item * size.contextDim;' : ''}
    var top = -3.4028234e38;
    for (var m = me; m < used; m += ${threads}) {
      var score = a0[size.recency + i * size.ages + m];
      for (var l = 0; l < size.dim; l++) { score += a0[key + l] * r0[K + m * size.dim + l]; }
      ${contexts ? 'for (var l = 0; l < size.contextDim; l++) { score += size.contextWeight * a0[context + l] * r0[C + m * size.contextDim + l]; }' : ''}
      r0[P + m] = score;
      top = max(top, score);
    }
    ${gather('most', 'top', threads, (a, b) => `max(${a}, ${b})`)}
    var sum = 0.0;
    for (var m = me; m < used; m += ${threads}) {
      let share = exp(r0[P + m] - most);
      r0[P + m] = share;
      sum += share;
    }
    ${gather('total', 'sum', threads)}
    for (var m = me; m < used; m += ${threads}) { r0[P + m] /= total; }
    storageBarrier();
    workgroupBarrier();
    var square = 0.0;
    for (var l = me; l < size.dim; l += ${threads}) {
      var read = 0.0;
      for (var m = 0; m < used; m++) { read += r0[P + m] * r0[V + m * size.dim + l]; }
      let miss = read - a0[value + l];
      r0[F + l] = miss * 2.0 / f32(size.dim);
      square += miss * miss;
    }
    ${gather('squares', 'square', threads)}
    storageBarrier();
    workgroupBarrier();
    var own = 0.0;
    for (var m = me; m < used; m += ${threads}) {
      var dP = 0.0;
      for (var l = 0; l < size.dim; l++) { dP += r0[F + l] * r0[V + m * size.dim + l]; }
      r0[D + m] = dP;
      own += dP * r0[P + m];
    }
    ${gather('inner', 'own', threads)}
    ${
      orthogonality > 0
        ? `let tall = used > size.dim;
    let side = min(used, size.dim);
    for (var at = me; at < side * side; at += ${threads}) {
      let a = at / side;
      let b = at % side;
      var product = 0.0;
      if (tall) {
        for (var m = 0; m < used; m++) { product += r0[V + m * size.dim + a] * r0[V + m * size.dim + b]; }
      } else {
        for (var l = 0; l < size.dim; l++) { product += r0[V + a * size.dim + l] * r0[V + b * size.dim + l]; }
      }
      r0[G + at] = product;
    }`
        : ''
    }
    storageBarrier();
    workgroupBarrier();
    for (var at = me; at < used * size.dim; at += ${threads}) {
      let m = at / size.dim;
      let l = at % size.dim;
      var gradient = r0[P + m] * r0[F + l];
      ${
        orthogonality > 0
          ? `var spread = -r0[V + at];
      if (tall) {
        for (var b = 0; b < side; b++) { spread += r0[V + m * size.dim + b] * r0[G + b * side + l]; }
      } else {
        for (var b = 0; b < side; b++) { spread += r0[G + m * side + b] * r0[V + b * size.dim + l]; }
      }
      gradient += 4.0 * size.orthogonality * spread;`
          : ''
      }
      r0[W + at] = gradient;
    }
    storageBarrier();
    workgroupBarrier();
    ${
      plan
        ? `let planned = size.plan + 3 * item;
    let due = max(round(a0[planned]), 1.0) > f32(s) && max(round(a0[planned + 1]), 1.0) > f32(o) && squares / f32(size.dim) >= a0[planned + 2];`
        : 'let due = true;'
    }
    if (due) {
      ${parameters.map(([name]) => `first${name} += 0.1 * (1.0 - first${name});\n      second${name} += 0.001 * (1.0 - second${name});`).join('\n      ')}
      for (var at = me; at < used * size.dim; at += ${threads}) {
        let m = at / size.dim;
        let place = trial * size.slots * size.dim + at;
        let slope = r0[P + m] * (r0[D + m] - inner);
        ${step('K', 'place', 'slope * a0[key + at % size.dim]')}
        ${step('V', 'place', 'r0[W + at]')}
      }
      ${
        contexts
          ? `for (var at = me; at < used * size.contextDim; at += ${threads}) {
        let m = at / size.contextDim;
        let place = trial * size.slots * size.contextDim + at;
        let slope = r0[P + m] * (r0[D + m] - inner);
        ${step('C', 'place', 'slope * size.contextWeight * a0[context + at % size.contextDim]')}
      }`
          : ''
      }
    }
    storageBarrier();
    workgroupBarrier();
  }
  }
  }
  if (me == 0) {
    ${parameters.map(([name]) => `r0[size.toFirst${name} + trial] = first${name};\n    r0[size.toFirst${name} + size.batch + trial] = second${name};`).join('\n    ')}
  }
}
`
}
