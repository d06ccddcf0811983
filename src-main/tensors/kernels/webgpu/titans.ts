/** The neural memory's learning on webgpu: all tokens of a call in one dispatch, a workgroup a trial. Its gradient: titans-back.ts. */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { TitansAttrs } from '../../fused-ops.ts'
import { dispatch, gather, laid, parted, settled, sigmoid, type WebgpuBackend } from './dispatch.ts'

/** Threads of a trial. */
const threads = 128

/**
 * S <- eta S - theta g, M <- (1 - alpha) M + S token by token, g taken at the M before the token's chunk; see
 * models/parts/blocks/neural-memory.ts. Inputs: keys, values and, if any ask, queries [B, L, d]; the layers [B, out, in]; their
 * momentum, once there is any; where each token chooses, theta, eta and alpha before the sigmoid [B, L, 1];
 * and after how many tokens the first layer is kept.
 * @returns the layers, their momentum, |g| of each token [B, L, 1], the answers [B, L, d] and what was kept of the first layer
 */
export function learnTokens(backend: WebgpuBackend, inputs: TensorInfo[], attrs: TitansAttrs): TensorInfo[] {
  const { asked, moving, chosen, frames, depth, chunk, fraction, theta, eta, alpha } = attrs
  const each = (name: string): string[] => Array.from({ length: depth }, (_, l) => `${name}${l}`)
  const names = ['k', 'v', ...(asked ? ['q'] : []), ...each('w'), ...(moving ? each('s') : [])]
  names.push(...(chosen ? ['ownTheta', 'ownEta', 'ownAlpha'] : []), ...(frames ? ['stops'] : []))
  const { all, at } = laid(backend, names, inputs)
  const [batch, length, dim] = inputs[0].shape as [number, number, number]
  const layers = inputs.slice(asked ? 3 : 2).slice(0, depth)
  const widths = [dim, ...layers.map(({ shape }) => shape[1]!)]
  const shapes = layers.map(({ shape }) => shape)
  const made = [...shapes, ...shapes, [batch, length, 1], ...(asked ? [[batch, length, dim]] : [])]
  made.push(...Array.from({ length: frames }, () => shapes[0]!))
  const sizes = made.map((shape) => shape.reduce((a, b) => a * b, 1))
  const begins = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0))
  const work = sizes.reduce((a, b) => a + b, 0)
  const weights = shapes.reduce((sum, [, out, width]) => sum + out! * width!, 0)
  const units = widths.reduce((a, b) => a + b, 0)
  const room = (chunk > 1 ? weights : 0) + 3 * units
  const [whole] = dispatch(backend, {
    key: `titans ${[asked, moving, chosen, frames, chunk > 1, fraction < 1, ...widths].join()}`,
    code: codeOf(attrs, widths),
    inputs: [all],
    results: [[work + batch * room]],
    whole: {
      ...at,
      ...Object.fromEntries(each('toW').map((name, l) => [name, begins[l]!])),
      ...Object.fromEntries(each('toS').map((name, l) => [name, begins[depth + l]!])),
      ...{ surprises: begins[2 * depth]!, answers: begins[2 * depth + 1] ?? 0, frames: begins.at(-frames) ?? 0 },
      ...{ batch, length, chunk, work, room, weights: chunk > 1 ? weights : 0, units }
    },
    single: { theta, eta, alpha, fraction },
    groups: batch,
    long: true
  })
  backend.disposeData(all.dataId)
  return parted(backend, whole, made)
}

function codeOf(
  { asked, moving, chosen, frames, chunk, depth, fraction }: TitansAttrs,
  widths: readonly number[]
): string {
  const layers = Array.from({ length: depth }, (_, l) => l)
  const before = (l: number): number => widths.slice(0, l).reduce((a, b) => a + b, 0)
  const begin = (l: number): number => layers.slice(0, l).reduce((sum, i) => sum + widths[i]! * widths[i + 1]!, 0)
  const size = (l: number): number => widths[l]! * widths[l + 1]!
  /** Entry `i` of layer l, in row-major order: as it is now, and as it was before the chunk. */
  const now = (l: number, i: string): string => `r0[size.toW${l} + trial * ${size(l)} + ${i}]`
  const old = (l: number, i: string): string => (chunk > 1 ? `r0[kept + ${begin(l)} + ${i}]` : now(l, i))
  const every = (name: string, count: number, body: string): string =>
    `for (var ${name} = me; ${name} < ${count}; ${name} += ${threads}) { ${body} }`
  const rate = (name: string): string => (chosen ? `sigmoid(a0[size.own${name} + item])` : `size.${name.toLowerCase()}`)
  return `
var<workgroup> part: array<f32, ${threads}>;
${sigmoid}@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let trial = group(id);
  if (trial >= size.batch) { return; }
  let me = i32(local);
  // The layers before the chunk; of each width the inputs h, the slopes and the errors e.
  let kept = size.work + trial * size.room;
  let h = kept + size.weights;
  let slopes = h + size.units;
  let e = slopes + size.units;
  ${layers
    .map(
      (l) =>
        `${every('i', size(l), `${now(l, 'i')} = a0[size.w${l} + trial * ${size(l)} + i]; r0[size.toS${l} + trial * ${size(l)} + i] = ${moving ? `a0[size.s${l} + trial * ${size(l)} + i]` : '0.0'};`)}`
    )
    .join('\n  ')}
  var frame = 0;
  ${settled}
  for (var t = 0; t < size.length; t++) {
    let item = trial * size.length + t;
    ${
      chunk > 1
        ? `if (t % size.chunk == 0) {
      ${layers.map((l) => every('i', size(l), `${old(l, 'i')} = ${now(l, 'i')};`)).join('\n      ')}
    }`
        : ''
    }
    ${every('i', widths[0]!, `r0[h + i] = a0[size.k + item * ${widths[0]} + i];`)}
    ${settled}
    ${layers
      .map((l) => {
        const last = l === depth - 1
        const to = before(l + 1)
        return `${every(
          'o',
          widths[l + 1]!,
          `var a = 0.0;
      for (var j = 0; j < ${widths[l]}; j++) { a += ${old(l, `o * ${widths[l]} + j`)} * r0[h + ${before(l)} + j]; }
      ${
        last
          ? `r0[e + ${to} + o] = 2.0 * (a - a0[size.v + item * ${widths[l + 1]} + o]);`
          : `let s = sigmoid(a);
      r0[h + ${to} + o] = a * s;
      r0[slopes + ${to} + o] = s + a * s * (1.0 - s);`
      }`
        )}
    ${settled}`
      })
      .join('\n    ')}
    ${layers
      .slice(1)
      .reverse()
      .map(
        (l) => `${every(
          'j',
          widths[l]!,
          `var sum = 0.0;
      for (var o = 0; o < ${widths[l + 1]}; o++) { sum += r0[e + ${before(l + 1)} + o] * ${old(l, `o * ${widths[l]} + j`)}; }
      r0[e + ${before(l)} + j] = sum * r0[slopes + ${before(l)} + j];`
        )}
    ${settled}`
      )
      .join('\n    ')}
    var total = 0.0;
    ${layers
      .map(
        (l) => `var inputs${l} = 0.0;
    ${every('j', widths[l]!, `inputs${l} += r0[h + ${before(l)} + j] * r0[h + ${before(l)} + j];`)}
    ${gather(`ofInputs${l}`, `inputs${l}`, threads)}
    var errors${l} = 0.0;
    ${every('o', widths[l + 1]!, `errors${l} += r0[e + ${before(l + 1)} + o] * r0[e + ${before(l + 1)} + o];`)}
    ${gather(`ofErrors${l}`, `errors${l}`, threads)}
    total += ofInputs${l} * ofErrors${l};`
      )
      .join('\n    ')}
    if (me == 0) { r0[size.surprises + item] = sqrt(total); }
    let theta = ${rate('Theta')};
    let eta = ${rate('Eta')};
    let keep = ${chosen ? 'sigmoid(-a0[size.ownAlpha + item])' : '1.0 - size.alpha'};
    ${layers
      .map((l) => {
        const [width, out, error] = [widths[l]!, widths[l + 1]!, `r0[e + ${before(l + 1)} + o]`]
        return `${every(
          'i',
          size(l),
          `let o = i / ${width};
      ${
        fraction < 1
          ? `var larger = 0;
      for (var n = 0; n < ${out}; n++) { larger += select(0, 1, abs(r0[e + ${before(l + 1)} + n]) > abs(${error})); }
      let error = select(0.0, ${error}, larger < i32(ceil(size.fraction * ${out}.0)));`
          : `let error = ${error};`
      }
      let place = size.toS${l} + trial * ${size(l)} + i;
      let moved = eta * r0[place] - theta * error * r0[h + ${before(l)} + i % ${width}];
      r0[place] = moved;
      ${now(l, 'i')} = keep * ${now(l, 'i')} + moved;`
        )}`
      })
      .join('\n    ')}
    ${settled}
    ${
      asked
        ? layers
            .map((l) => {
              const input = l === 0 ? `a0[size.q + item * ${widths[0]} + j]` : `r0[slopes + ${before(l)} + j]`
              const to =
                l === depth - 1
                  ? `r0[size.answers + item * ${widths[depth]} + o] = a;`
                  : `r0[slopes + ${before(l + 1)} + o] = a * sigmoid(a);`
              return `${every(
                'o',
                widths[l + 1]!,
                `var a = 0.0;
      for (var j = 0; j < ${widths[l]}; j++) { a += ${now(l, `o * ${widths[l]} + j`)} * ${input}; }
      ${to}`
              )}
    ${settled}`
            })
            .join('\n    ')
        : ''
    }
    ${
      frames
        ? `if (t + 1 == i32(a0[size.stops + min(frame, ${frames} - 1)])) {
      ${every('i', size(0), `r0[size.frames + frame * size.batch * ${size(0)} + trial * ${size(0)} + i] = ${now(0, 'i')};`)}
      frame++;
    }`
        : ''
    }
  }
}
`
}
