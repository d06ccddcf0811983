/** Layers over the rows of each trial on webgpu, several such maps in one dispatch: a workgroup some rows. */
import type { TensorInfo } from '@tensorflow/tfjs'
import { mapsRoom, type Activation, type MapsAttrs } from '../../fused-memory-ops.ts'
import { dispatch, laid, sigmoid, threads, type WebgpuBackend } from './dispatch.ts'

/** Buffers that every device binds. */
const bound = 8

type Map = MapsAttrs['maps'][number]

/** y = f(x W^T + b) layer by layer: see `fusedMaps`. */
export function maps(backend: WebgpuBackend, inputs: TensorInfo[], attrs: MapsAttrs): TensorInfo[] {
  const { batch } = attrs
  const room = mapsRoom(attrs)!
  const apart = inputs.length + attrs.maps.length <= bound
  const names = inputs.map((_, i) => `t${i}`)
  const { all, at } = apart ? { all: undefined, at: {} } : laid(backend, names, inputs)
  const each = Math.ceil(Math.max(...attrs.maps.map(({ count }) => count)) / room.rows)
  const shared = inputs.map(({ shape }) => shape[0] !== batch)
  const made = dispatch(backend, {
    key: `maps ${apart} ${JSON.stringify(attrs.maps.map(structure))} ${shared.join()} ${JSON.stringify(room)}`,
    code: codeOf(attrs, room, shared, (i, place) => (apart ? `a${i}[${place}]` : `a0[size.t${i} + ${place}]`)),
    inputs: all ? [all] : inputs,
    results: attrs.maps.map(({ count, layers }) => [batch, count, layers.at(-1)!.outputs]),
    whole: {
      ...{ total: batch * each, each },
      ...at,
      ...Object.fromEntries(
        inputs.flatMap(({ shape }, i): [string, number][] => [
          [`rows${i}`, shape[1] ?? 0],
          [`width${i}`, shape[2] ?? 0]
        ])
      ),
      ...Object.fromEntries(
        attrs.maps.flatMap(({ count, layers }, m) => [
          [`m${m}count`, count] as [string, number],
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
const structure = ({ inputs, rows, layers }: Map): unknown => [
  inputs,
  rows,
  layers.map(({ weight, columns, bias, beside, plus, then }) => [weight, columns, bias, beside, plus, then])
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
  shared: readonly boolean[],
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

  /** The entry of a tensor of rows at one of them. */
  const rowEntry = (tensor: number, row: string, at: string): string =>
    entry(tensor, `(${shared[tensor] ? '' : `trial * size.rows${tensor} + `}${row}) * size.width${tensor} + ${at}`)

  function layerOf(m: number, l: number): string {
    const { inputs, layers, rows: chosen } = maps[m]
    const { weight, columns, bias, beside, plus, then } = layers[l]
    const last = l + 1 === layers.length
    const count = `size.m${m}count`
    const outputs = `size.m${m}out${l}`
    const held = (side: number, row: string, at: string): string =>
      `h[${(side % buffers) * rows * width} + ${row} * ${width} + ${at}]`
    const own = `min(first + r, ${count} - 1)`
    const given = (tensor: number, row: string): { width: string; read: (at: string) => string } => ({
      width: `size.width${tensor}`,
      read: (at) => rowEntry(tensor, row, at)
    })
    const parts = [
      ...(l === 0
        ? inputs.map((tensor) => given(tensor, chosen >= 0 ? 'place[r]' : own))
        : [{ width: `size.m${m}out${l - 1}`, read: (at: string) => held(l - 1, 'r', at) }]),
      ...(beside >= 0 ? [given(beside, own)] : [])
    ].map((part, k, all) => ({ ...part, before: all.slice(0, k).map((other) => other.width) }))
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
        let y = ${entrywise[then](plus >= 0 ? `(sums[r] + ${rowEntry(plus, own, 'o')})` : 'sums[r]')};
        ${
          direct
            ? `if (first + r < ${count}) { r${m}[(trial * ${count} + first + r) * ${outputs} + o] = y; }`
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
            ? `if (first + r < ${count}) { r${m}[(trial * ${count} + first + r) * ${outputs} + o] = ${held(l, 'r', 'o')} * share; }`
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
${sigmoid}@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let which = group(id);
  if (which >= size.total) { return; }
  let t = i32(local);
  let trial = which / size.each;
  let first = which % size.each * ${rows};
  ${maps
    .map(
      ({ layers, rows: chosen }, m) => `if (first < size.m${m}count) {
    ${
      chosen >= 0
        ? `var place: array<i32, ${rows}>;
    for (var r = 0; r < ${rows}; r++) { place[r] = i32(${entry(chosen, `min(first + r, size.m${m}count - 1)`)}); }`
        : ''
    }
    ${layers.map((_, l) => layerOf(m, l)).join('')}
    workgroupBarrier();
  }`
    )
    .join('\n  ')}
}
`
}
