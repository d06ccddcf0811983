/** WGSL of products that are made tile by tile, a workgroup a tile. */

/** Rows and columns of a tile, of which a workgroup makes one. */
export const side = 16
export const tiles = (rows: number, columns: number): number => Math.ceil(rows / side) * Math.ceil(columns / side)

/** A product of which tiles are made. */
interface Product {
  rows: string
  columns: string
  /** Entries of a row on the left and of a column on the right. */
  inner: string
  /** The entry at row i and place k on the left, and at place k and column j on the right. */
  left: string
  right: string
  /** What is done with the sum at i, j. */
  keep: string
}

/** WGSL that makes tile `tile` of a product, tile by tile of what lies between. */
export const tileOf = ({ rows, columns, inner, left, right, keep }: Product): string => `
    let across = (${columns} + ${side - 1}) / ${side};
    let i = tile / across * ${side} + row;
    let j = tile % across * ${side} + column;
    var sum = 0.0;
    for (var begin = 0; begin < ${inner}; begin += ${side}) {
      {
        let k = begin + column;
        if (i < ${rows} && k < ${inner}) { L[row][column] = ${left}; } else { L[row][column] = 0.0; }
      }
      {
        let k = begin + row;
        if (j < ${columns} && k < ${inner}) { R[row][column] = ${right}; } else { R[row][column] = 0.0; }
      }
      workgroupBarrier();
      for (var k = 0; k < ${side}; k++) { sum += L[row][k] * R[k][column]; }
      workgroupBarrier();
    }
    if (i < ${rows} && j < ${columns}) { ${keep} }
`

/** How a shader of tiles begins: `which` of `size.total` tiles, `size.each` of a trial, and the place in it. */
export const head = `
var<workgroup> L: array<array<f32, ${side}>, ${side}>;
var<workgroup> R: array<array<f32, ${side}>, ${side}>;

@compute @workgroup_size(${side * side})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let which = group(id);
  if (which >= size.total) { return; }
  let row = i32(local) / ${side};
  let column = i32(local) % ${side};
  let trial = which / size.each;
`
