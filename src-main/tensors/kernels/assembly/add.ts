/** Sums that repeat one of their terms. */

/** out [rows, d] = x [rows, d] + y [d], on arrays of any size. */
export function addRow(x: usize, y: usize, rows: i32, d: i32, out: usize): void {
  const whole = <usize>(d & ~3) << 2
  const size = <usize>d << 2
  for (let r = 0; r < rows; r++, x += size, out += size) {
    let at: usize = 0
    for (; at < whole; at += 16) v128.store(out + at, f32x4.add(v128.load(x + at), v128.load(y + at)))
    for (; at < size; at += 4) store<f32>(out + at, load<f32>(x + at) + load<f32>(y + at))
  }
}
