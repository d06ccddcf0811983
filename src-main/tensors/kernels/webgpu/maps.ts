/** Layers over the rows of each trial on webgpu, several such maps in one dispatch: a workgroup some rows. */
import type { TensorInfo } from '@tensorflow/tfjs'
import { mapsRoom, type Activation, type MapsAttrs } from '../../fused-memory-ops.ts'
import { dispatch, laid, threads, type WebgpuBackend } from './dispatch.ts'

/** Buffers that every device binds. */
const bound = 8

type Layer = MapsAttrs['maps'][number]['layers'][number]

/** y = f(x W^T + b) layer by layer: see `fusedMaps`. */
export function maps(backend: WebgpuBackend, inputs: TensorInfo[], attrs: MapsAttrs): TensorInfo[] {
  const [batch, count] = inputs[attrs.maps[0].inputs[0]].shape as [number, number]
  const room = mapsRoom(attrs)!
  const apart = inputs.length + attrs.maps.length <= bound
  const names = inputs.map((_, i) => `t${i}`)
  const { all, at } = apart ? { all: undefined, at: {} } : laid(backend, names, inputs)
  const results = attrs.maps.map(({ layers }) => [batch, count, layers.at(-1)!.outputs])
  const each = Math.ceil(count / room.rows)
  const made = dispatch(backend, {
    key: `maps ${apart} ${JSON.stringify(attrs.maps.map(structure))} ${JSON.stringify(room)}`,
    code: codeOf(attrs, room, apart ? (i, place) => `a${i}[${place}]` : (i, place) => `a0[size.t${i} + ${place}]`),
    inputs: all ? [all] : inputs,
    results,
    whole: {
      ...{ total: batch * each, each, count },
      ...at,
      ...Object.fromEntries(
        attrs.maps.flatMap(({ inputs: parts, layers }, m) => [
          ...parts.map((input, k): [string, number] => [`m${m}in${k}`, inputs[input].shape[2]!]),
          ...layers.map(({ outputs }, l): [string, number] => [`m${m}out${l}`, outputs])
        ])
      )
    },
    single: {},
    groups: batch * each
  })
  if (all) backend.disposeData(all.dataId)
  return made
}

/** What the code depends on. */
const structure = ({ inputs, layers }: MapsAttrs['maps'][number]): unknown => [
  inputs,
  layers.map(({ weight, columns, bias, then }) => [weight, columns, bias, then])
]

const entrywise: Record<Activation, (y: string) => string> = {
  none: (y) => y,
  softmax: (y) => y,
  unit: (y) => y,
  relu: (y) => `max(${y}, 0.0)`,
  sigmoid: (y) => `sigmoid(${y})`,
  silu: (y) => `(${y} * sigmoid(${y}))`
}

function codeOf(
  { maps }: MapsAttrs,
  { rows, width, buffers }: NonNullable<ReturnType<typeof mapsRoom>>,
  entry: (tensor: number, place: string) => string
): string {
  const slices = threads / rows
  /** Values of a row's threads joined: all of them have it as `name` afterwards. */
  const joinRow = (name: string, value: string, join: (a: string, b: string) => string): string => `
      part[t] = ${value};
      workgroupBarrier();
      var ${name} = part[t % ${rows}];
      for (var s = 1; s < ${slices}; s++) { ${name} = ${join(name, `part[s * ${rows} + t % ${rows}]`)}; }
      workgroupBarrier();`
  const most = (a: string, b: string): string => `max(${a}, ${b})`
  const sum = (a: string, b: string): string => `${a} + ${b}`

  function layerOf(m: number, l: number, from: readonly number[], layer: Layer, last: boolean): string {
    const { weight, columns, bias, then } = layer
    const outputs = `size.m${m}out${l}`
    const held = (side: number, row: string, at: string): string =>
      `h[${(side % buffers) * rows * width} + ${row} * ${width} + ${at}]`
    const parts =
      l === 0
        ? from.map((tensor, k) => ({
            width: `size.m${m}in${k}`,
            before: from.slice(0, k).map((_, n) => `size.m${m}in${n}`),
            read: (at: string) =>
              entry(tensor, `(trial * size.count + min(first + r, size.count - 1)) * size.m${m}in${k} + ${at}`)
          }))
        : [{ width: `size.m${m}out${l - 1}`, before: [], read: (at: string) => held(l - 1, 'r', at) }]
    const inner = parts.map((part) => part.width).join(' + ')
    const over = then === 'softmax' || then === 'unit'
    const direct = last && !over
    const products = parts
      .map(({ width, before, read }) => {
        const place = ['k', ...before].join(' + ')
        const w = columns
          ? `(trial * (${inner}) + ${place}) * ${outputs} + o`
          : `(trial * ${outputs} + o) * (${inner}) + ${place}`
        return `for (var k = 0; k < ${width}; k++) {
        let w = ${entry(weight, w)};
        for (var r = 0; r < ${rows}; r++) { sums[r] += w * ${read('k')}; }
      }`
      })
      .join('\n      ')
    return `
    for (var o = t; o < ${outputs}; o += ${threads}) {
      var sums: array<f32, ${rows}>;
      ${bias >= 0 ? `for (var r = 0; r < ${rows}; r++) { sums[r] = ${entry(bias, `trial * ${outputs} + o`)}; }` : ''}
      ${weight >= 0 ? products : `for (var r = 0; r < ${rows}; r++) { sums[r] += ${parts[0].read('o')}; }`}
      for (var r = 0; r < ${rows}; r++) {
        let y = ${entrywise[then]('sums[r]')};
        ${
          direct
            ? `if (first + r < size.count) { r${m}[(trial * size.count + first + r) * ${outputs} + o] = y; }`
            : `${held(l, 'r', 'o')} = y;`
        }
      }
    }
    ${direct ? '' : 'workgroupBarrier();'}
    ${
      over
        ? `{
      let r = t % ${rows};
      var mine = ${then === 'unit' ? '0.0' : '-3.4028234e38'};
      for (var o = t / ${rows}; o < ${outputs}; o += ${slices}) { mine = max(mine, ${then === 'unit' ? `abs(${held(l, 'r', 'o')})` : held(l, 'r', 'o')}); }
      ${joinRow('top', 'mine', most)}
      ${then === 'unit' ? 'let scale = max(top / 1099511627776.0, 1.0);' : ''}
      mine = 0.0;
      for (var o = t / ${rows}; o < ${outputs}; o += ${slices}) {
        let y = ${then === 'unit' ? `${held(l, 'r', 'o')} / scale` : `exp(${held(l, 'r', 'o')} - top)`};
        ${held(l, 'r', 'o')} = y;
        mine += ${then === 'unit' ? 'y * y' : 'y'};
      }
      ${joinRow('total', 'mine', sum)}
      let share = ${then === 'unit' ? '1.0 / max(sqrt(total), 1e-8)' : '1.0 / total'};
      for (var o = t / ${rows}; o < ${outputs}; o += ${slices}) {
        ${
          last
            ? `if (first + r < size.count) { r${m}[(trial * size.count + first + r) * ${outputs} + o] = ${held(l, 'r', 'o')} * share; }`
            : `${held(l, 'r', 'o')} *= share;`
        }
      }
    }
    workgroupBarrier();`
        : ''
    }`
  }

  return `
var<workgroup> h: array<f32, ${Math.max(1, rows * width * buffers)}>;
var<workgroup> part: array<f32, ${threads}>;

fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let which = group(id);
  if (which >= size.total) { return; }
  let t = i32(local);
  let trial = which / size.each;
  let first = which % size.each * ${rows};
  ${maps
    .map(
      ({ inputs, layers }, m) => `{
    ${layers.map((layer, l) => layerOf(m, l, inputs, layer, l + 1 === layers.length)).join('')}
    workgroupBarrier();
  }`
    )
    .join('\n  ')}
}
`
}
