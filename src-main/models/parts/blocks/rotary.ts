import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/** The slowest pair turns once in 2 pi times this many tokens. */
const slowest = 10_000

/**
 * Queries and keys turned by their place, so that their product depends on how far apart they are:
 *
 *   (x_i, x_(i+n)) -> (x_i cos a - x_(i+n) sin a, x_i sin a + x_(i+n) cos a),   a = p 10000^(-i/n),   i = 0 .. n-1
 *
 * x: [B, H, L, d_h], n = floor(d_h / 2), p: the token's place, counted from `first`; with an odd d_h the last number stays.
 * The angle is taken in double precision and less its whole turns, so that far places are as exact as near ones.
 * Source: Su et al. (2021), RoFormer; in a fading memory the rotation of xPos: Sun et al. (2022), A length-extrapolatable
 * transformer.
 */
export function rotate(x: Tensor, first: number): Tensor {
  const [batch, heads, length, size] = x.shape as [number, number, number, number]
  const half = Math.floor(size / 2)
  if (half === 0) return x
  const table = (of: (angle: number) => number): Tensor =>
    tf.tensor2d(
      Float32Array.from({ length: length * half }, (_, at) =>
        of((first + Math.floor(at / half)) * slowest ** (-(at % half) / half))
      ),
      [length, half]
    )
  const [cos, sin] = [table(Math.cos), table(Math.sin)]
  const part = (at: number, count: number): Tensor => x.slice([0, 0, 0, at], [batch, heads, length, count])
  const [a, b] = [part(0, half), part(half, half)]
  const turned = [a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))]
  return tf.concat(size % 2 ? [...turned, part(size - 1, 1)] : turned, 3)
}

/** FLOPs of `rotate` of the tokens of a head. */
export const rotateFlops = (tokens: number, size: number): number => 6 * tokens * Math.floor(size / 2)
