/** The gradient of the neural memory's learning on webgpu: a workgroup a trial walks back over the tokens. */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { TitansAttrs } from '../../fused-ops.ts'
import { dispatch, gather, laid, parted, settled, sigmoid, type WebgpuBackend } from './dispatch.ts'

/** Threads of a trial. */
const threads = 128

/** Of each width: inputs h, slopes and curvatures of the activation, W^T e, errors e and those of them that count. */
const vectors = ['h', 'slope', 'curve', 'p', 'e', 'es', 'be', 'bh', 'z', 'u', 'us', 'bu'] as const

/**
 * The gradients of what `learnTokens` is given: inputs are those, then the gradients of the layers that it made, of their momentum
 * and of the answers. It keeps the state at the start of each stretch of tokens, and makes the others anew when it comes there.
 * With bM and bS the gradients of a token's M and S, g = e h^T of each layer and W the layers that g was taken at:
 *
 *   bS <- bS + bM,   d theta = -<bS, g>,   d eta = <bS, S_(t-1)>,   d kappa = <bM, M_(t-1)>
 *   be_l = -theta bS_l h_l,   bh_l = -theta bS_l^T e_l,   bS <- eta bS,   bM <- kappa bM,   kappa = 1 - alpha
 *   forwards through the layers:   z = be_(l-1) f'(a),   be_l += W_l z,   bW_l += e_l z^T,   ba = be_(l-1) (W_l^T e_l) f''(a)
 *   back through them from ba_D = 2 be_D, dv = -2 be_D:   bW_l += ba_l h_l^T,   bh_l += W_l^T ba_l,   ba_(l-1) += bh_l f'(a)
 */
export function learnTokensBack(backend: WebgpuBackend, inputs: TensorInfo[], attrs: TitansAttrs): TensorInfo[] {
  const { moving, chosen, depth, chunk, fraction, theta, eta, alpha } = attrs
  const each = (name: string): string[] => Array.from({ length: depth }, (_, l) => `${name}${l}`)
  const names = ['k', 'v', 'q', ...each('w'), ...(moving ? each('s') : [])]
  if (chosen) names.push('ownTheta', 'ownEta', 'ownAlpha')
  const shapes = inputs.slice(0, names.length).map(({ shape }) => shape)
  const { all, at } = laid(backend, [...names, ...each('dw'), ...each('ds'), 'dy'], inputs)
  const [batch, length, dim] = shapes[0] as [number, number, number]
  const layers = shapes.slice(3, 3 + depth)
  const widths = [dim, ...layers.map((shape) => shape[1]!)]
  const weights = layers.reduce((sum, [, out, width]) => sum + out! * width!, 0)
  const units = widths.reduce((a, b) => a + b, 0)
  const stretch = Math.ceil(Math.sqrt(length) / chunk) * chunk
  const stretches = Math.ceil(length / stretch)
  const room = 2 * weights * (stretches + stretch + 1) + 3 * weights + vectors.length * units
  const [whole] = dispatch(backend, {
    key: `titans back ${[moving, chosen, chunk > 1, fraction < 1, ...widths].join()}`,
    code: codeOf(attrs, widths),
    inputs: [all],
    // The gradients lie as what they are of does.
    results: [[at.dw0! + batch * room]],
    whole: { ...at, batch, length, chunk, room, weights, units, stretch, stretches },
    single: { theta, eta, alpha, fraction },
    groups: batch,
    long: true
  })
  backend.disposeData(all.dataId)
  return parted(backend, whole, shapes)
}

function codeOf({ moving, chosen, chunk, depth, fraction }: TitansAttrs, widths: readonly number[]): string {
  const layers = Array.from({ length: depth }, (_, l) => l)
  const before = (l: number): number => widths.slice(0, l).reduce((a, b) => a + b, 0)
  const size = (l: number): number => widths[l]! * widths[l + 1]!
  const begin = (l: number): number => layers.slice(0, l).reduce((sum, i) => sum + size(i), 0)
  /** Entry `i` of layer l of the weights that begin somewhere, and entry `i` of a vector of the layer's width. */
  const entry = (from: string, l: number, i: string): string => `r0[${from} + ${begin(l)} + ${i}]`
  const unit = (name: (typeof vectors)[number], l: number, i: string): string => `r0[${name} + ${before(l)} + ${i}]`
  const every = (name: string, count: number | string, body: string): string =>
    `for (var ${name} = me; ${name} < ${count}; ${name} += ${threads}) { ${body} }`
  const down = layers.slice(1).reverse()
  const rates = `let theta = ${chosen ? 'sigmoid(a0[size.ownTheta + item])' : 'size.theta'};
    let eta = ${chosen ? 'sigmoid(a0[size.ownEta + item])' : 'size.eta'};
    let keep = ${chosen ? 'sigmoid(-a0[size.ownAlpha + item])' : '1.0 - size.alpha'};`
  /** Of the token `item`: all that the gradient at the layers `from` is made of. */
  const errors = (from: string): string => `
    ${every('i', widths[0]!, `${unit('h', 0, 'i')} = a0[size.k + item * ${widths[0]} + i];`)}
    ${settled}
    ${layers
      .map(
        (l) => `${every(
          'o',
          widths[l + 1]!,
          `var a = 0.0;
      for (var j = 0; j < ${widths[l]}; j++) { a += ${entry(from, l, `o * ${widths[l]} + j`)} * ${unit('h', l, 'j')}; }
      ${
        l === depth - 1
          ? `${unit('e', depth, 'o')} = 2.0 * (a - a0[size.v + item * ${widths[depth]} + o]);`
          : `let s = sigmoid(a);
      ${unit('h', l + 1, 'o')} = a * s;
      ${unit('slope', l + 1, 'o')} = s + a * s * (1.0 - s);
      ${unit('curve', l + 1, 'o')} = s * (1.0 - s) * (2.0 + a * (1.0 - 2.0 * s));`
      }`
        )}
    ${settled}`
      )
      .join('\n    ')}
    ${down
      .map(
        (l) => `${every(
          'j',
          widths[l]!,
          `var sum = 0.0;
      for (var o = 0; o < ${widths[l + 1]}; o++) { sum += ${unit('e', l + 1, 'o')} * ${entry(from, l, `o * ${widths[l]} + j`)}; }
      ${unit('p', l, 'j')} = sum;
      ${unit('e', l, 'j')} = sum * ${unit('slope', l, 'j')};`
        )}
    ${settled}`
      )
      .join('\n    ')}
    ${layers
      .map((l) =>
        every(
          'o',
          widths[l + 1]!,
          fraction < 1
            ? `var larger = 0;
      for (var n = 0; n < ${widths[l + 1]}; n++) { larger += select(0, 1, abs(${unit('e', l + 1, 'n')}) > abs(${unit('e', l + 1, 'o')})); }
      ${unit('es', l + 1, 'o')} = select(0.0, ${unit('e', l + 1, 'o')}, larger < i32(ceil(size.fraction * ${widths[l + 1]}.0)));`
            : `${unit('es', l + 1, 'o')} = ${unit('e', l + 1, 'o')};`
        )
      )
      .join('\n    ')}
    ${settled}`
  /** The state at `to` that the token leaves of that at `from`. */
  const step = (from: string, to: string): string =>
    layers
      .map((l) =>
        every(
          'i',
          size(l),
          `let moved = eta * ${entry(`${from} + size.weights`, l, 'i')} - theta * ${unit('es', l + 1, `i / ${widths[l]}`)} * ${unit('h', l, `i % ${widths[l]}`)};
      ${entry(to, l, 'i')} = keep * ${entry(from, l, 'i')} + moved;
      ${entry(`${to} + size.weights`, l, 'i')} = moved;`
        )
      )
      .join('\n    ')
  const copy = (from: string, to: string, count: string): string =>
    every('i', count, `r0[${to} + i] = r0[${from} + i];`)

  return `
var<workgroup> part: array<f32, ${threads}>;
${sigmoid}@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let trial = group(id);
  if (trial >= size.batch) { return; }
  let me = i32(local);
  // Weights and their momentum, one behind the other: at the starts of stretches, and before each token of one.
  let starts = size.dw0 + trial * size.room;
  let states = starts + 2 * size.weights * size.stretches;
  let bM = states + 2 * size.weights * (size.stretch + 1);
  let bS = bM + size.weights;
  // Of the layers that a chunk began with.
  let bW = bS + size.weights;
  ${vectors.map((name, n) => `let ${name} = bW + size.weights + ${n} * size.units;`).join('\n  ')}
  let two = 2 * size.weights;
  ${layers
    .map((l) =>
      every(
        'i',
        size(l),
        `let at = trial * ${size(l)} + i;
    ${entry('states', l, 'i')} = a0[size.w${l} + at];
    ${entry('states + size.weights', l, 'i')} = ${moving ? `a0[size.s${l} + at]` : '0.0'};
    ${entry('bM', l, 'i')} = a0[size.dw${l} + at];
    ${entry('bS', l, 'i')} = a0[size.ds${l} + at];
    ${entry('bW', l, 'i')} = 0.0;`
      )
    )
    .join('\n  ')}
  ${settled}
  for (var n = 0; n < size.stretches; n++) {
    ${copy('states', 'starts + two * n', 'two')}
    ${settled}
    for (var s = 0; s < select(0, size.stretch, n + 1 < size.stretches); s++) {
      let item = trial * size.length + n * size.stretch + s;
      ${chunk > 1 ? `if (s % size.chunk == 0) { ${copy('states', 'states + two', 'size.weights')} }\n    ${settled}` : ''}
      ${rates}
      ${errors(chunk > 1 ? 'states + two' : 'states')}
      ${step('states', 'states')}
      ${settled}
    }
  }
  for (var n = size.stretches - 1; n >= 0; n--) {
    let count = min(size.stretch, size.length - n * size.stretch);
    ${copy('starts + two * n', 'states', 'two')}
    ${settled}
    for (var s = 0; s < count; s++) {
      let item = trial * size.length + n * size.stretch + s;
      let here = states + two * s;
      let ground = states + two * (s / size.chunk * size.chunk);
      ${rates}
      ${errors('ground')}
      ${step('here', 'here + two')}
      ${settled}
    }
    for (var s = count - 1; s >= 0; s--) {
      let item = trial * size.length + n * size.stretch + s;
      let here = states + two * s;
      let after = here + two;
      let ground = states + two * (s / size.chunk * size.chunk);
      ${rates}
      // The answer, by the layers that the token left.
      ${every('i', widths[0]!, `${unit('u', 0, 'i')} = a0[size.q + item * ${widths[0]} + i];`)}
      ${every('o', widths[depth]!, `${unit('bu', depth, 'o')} = a0[size.dy + item * ${widths[depth]} + o];`)}
      ${settled}
      ${layers
        .slice(0, -1)
        .map(
          (l) => `${every(
            'o',
            widths[l + 1]!,
            `var a = 0.0;
      for (var j = 0; j < ${widths[l]}; j++) { a += ${entry('after', l, `o * ${widths[l]} + j`)} * ${unit('u', l, 'j')}; }
      let g = sigmoid(a);
      ${unit('u', l + 1, 'o')} = a * g;
      ${unit('us', l + 1, 'o')} = g + a * g * (1.0 - g);`
          )}
      ${settled}`
        )
        .join('\n      ')}
      ${[...layers]
        .reverse()
        .map(
          (
            l
          ) => `${every('i', size(l), `${entry('bM', l, 'i')} += ${unit('bu', l + 1, `i / ${widths[l]}`)} * ${unit('u', l, `i % ${widths[l]}`)};`)}
      ${every(
        'j',
        widths[l]!,
        `var sum = 0.0;
      for (var o = 0; o < ${widths[l + 1]}; o++) { sum += ${unit('bu', l + 1, 'o')} * ${entry('after', l, `o * ${widths[l]} + j`)}; }
      ${l === 0 ? `r0[size.q + item * ${widths[0]} + j] = sum;` : `${unit('bu', l, 'j')} = sum * ${unit('us', l, 'j')};`}`
      )}
      ${settled}`
        )
        .join('\n      ')}
      ${errors('ground')}
      var ofTheta = 0.0;
      var ofEta = 0.0;
      var ofKeep = 0.0;
      ${layers
        .map((l) =>
          every(
            'i',
            size(l),
            `let m = ${entry('bM', l, 'i')};
      let both = ${entry('bS', l, 'i')} + m;
      ${
        chosen
          ? `ofTheta -= both * ${unit('es', l + 1, `i / ${widths[l]}`)} * ${unit('h', l, `i % ${widths[l]}`)};
      ofEta += both * ${entry('here + size.weights', l, 'i')};
      ofKeep += m * ${entry('here', l, 'i')};`
          : ''
      }
      ${entry('bS', l, 'i')} = both;
      ${entry('bM', l, 'i')} = keep * m;`
          )
        )
        .join('\n      ')}
      ${
        chosen
          ? `${gather('allTheta', 'ofTheta', threads)}
      ${gather('allEta', 'ofEta', threads)}
      ${gather('allKeep', 'ofKeep', threads)}
      if (me == 0) {
        r0[size.ownTheta + item] = allTheta * theta * (1.0 - theta);
        r0[size.ownEta + item] = allEta * eta * (1.0 - eta);
        r0[size.ownAlpha + item] = -allKeep * keep * (1.0 - keep);
      }`
          : ''
      }
      ${settled}
      ${layers
        .map(
          (l) => `${every(
            'o',
            widths[l + 1]!,
            `var sum = 0.0;
      for (var j = 0; j < ${widths[l]}; j++) { sum += ${entry('bS', l, `o * ${widths[l]} + j`)} * ${unit('h', l, 'j')}; }
      ${unit('be', l + 1, 'o')} = ${fraction < 1 ? `select(-theta * sum, 0.0, ${unit('es', l + 1, 'o')} == 0.0)` : '-theta * sum'};`
          )}
      ${every(
        'j',
        widths[l]!,
        `var sum = 0.0;
      for (var o = 0; o < ${widths[l + 1]}; o++) { sum += ${entry('bS', l, `o * ${widths[l]} + j`)} * ${unit('es', l + 1, 'o')}; }
      ${unit('bh', l, 'j')} = -theta * sum;`
      )}`
        )
        .join('\n      ')}
      ${settled}
      ${every('i', 'size.weights', 'r0[bS + i] = eta * r0[bS + i];')}
      ${layers
        .slice(1)
        .map(
          (l) => `${every('j', widths[l]!, `${unit('z', l, 'j')} = ${unit('be', l, 'j')} * ${unit('slope', l, 'j')};`)}
      ${settled}
      ${every(
        'o',
        widths[l + 1]!,
        `var sum = 0.0;
      for (var j = 0; j < ${widths[l]}; j++) { sum += ${entry('ground', l, `o * ${widths[l]} + j`)} * ${unit('z', l, 'j')}; }
      ${unit('be', l + 1, 'o')} += sum;`
      )}
      ${every('i', size(l), `${entry('bW', l, 'i')} += ${unit('e', l + 1, `i / ${widths[l]}`)} * ${unit('z', l, `i % ${widths[l]}`)};`)}
      ${settled}`
        )
        .join('\n      ')}
      // From here on z is the gradient of a.
      ${every(
        'o',
        widths[depth]!,
        `let b = 2.0 * ${unit('be', depth, 'o')};
      ${unit('z', depth, 'o')} = b;
      r0[size.v + item * ${widths[depth]} + o] = -b;`
      )}
      ${settled}
      ${[...layers]
        .reverse()
        .map(
          (
            l
          ) => `${every('i', size(l), `${entry('bW', l, 'i')} += ${unit('z', l + 1, `i / ${widths[l]}`)} * ${unit('h', l, `i % ${widths[l]}`)};`)}
      ${every(
        'j',
        widths[l]!,
        `var sum = ${unit('bh', l, 'j')};
      for (var o = 0; o < ${widths[l + 1]}; o++) { sum += ${unit('z', l + 1, 'o')} * ${entry('ground', l, `o * ${widths[l]} + j`)}; }
      ${
        l === 0
          ? `r0[size.k + item * ${widths[0]} + j] = sum;`
          : `${unit('z', l, 'j')} = sum * ${unit('slope', l, 'j')} + ${unit('be', l, 'j')} * ${unit('p', l, 'j')} * ${unit('curve', l, 'j')};`
      }`
      )}
      ${settled}`
        )
        .join('\n      ')}
      if (s % size.chunk == 0) {
        ${every('i', 'size.weights', 'r0[bM + i] += r0[bW + i]; r0[bW + i] = 0.0;')}
      }
      ${settled}
    }
  }
  ${layers
    .map((l) =>
      every(
        'i',
        size(l),
        `r0[size.w${l} + trial * ${size(l)} + i] = ${entry('bM', l, 'i')};${moving ? ` r0[size.s${l} + trial * ${size(l)} + i] = ${entry('bS', l, 'i')};` : ''}`
      )
    )
    .join('\n  ')}
}
`
}
