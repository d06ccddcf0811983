/** Sums that repeat one of their terms. */

/** out [rows, d] = x [rows, d] + y [d], on arrays of any size. */
export function addRow(x: usize, y: usize, rows: i32, d: i32, out: usize): void {
  const four = <usize>(d & ~15) << 2
  const whole = <usize>(d & ~3) << 2
  const size = <usize>d << 2
  for (let r = 0; r < rows; r++, x += size, out += size) {
    let at: usize = 0
    for (; at < four; at += 64) {
      v128.store(out + at, f32x4.add(v128.load(x + at), v128.load(y + at)))
      v128.store(out + at, f32x4.add(v128.load(x + at, 16), v128.load(y + at, 16)), 16)
      v128.store(out + at, f32x4.add(v128.load(x + at, 32), v128.load(y + at, 32)), 32)
      v128.store(out + at, f32x4.add(v128.load(x + at, 48), v128.load(y + at, 48)), 48)
    }
    for (; at < whole; at += 16) v128.store(out + at, f32x4.add(v128.load(x + at), v128.load(y + at)))
    for (; at < size; at += 4) store<f32>(out + at, load<f32>(x + at) + load<f32>(y + at))
  }
}
