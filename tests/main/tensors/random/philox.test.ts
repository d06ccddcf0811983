import { describe, expect, it } from 'vitest'
import { philoxBlock, PhiloxStream } from '../../../../src-main/tensors/random/philox.ts'

const words = (hex: string): Uint32Array => Uint32Array.from(hex.split(' '), (word) => parseInt(word, 16))

describe('Philox4x32-10', () => {
  // Known-answer vectors published with Random123 (kat_vectors, philox4x32 10).
  it.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1']
  ])('gives the published words for counter %s', (counter, key, expected) => {
    const out = new Uint32Array(4)
    philoxBlock(words(counter), words(key), out)
    expect([...out]).toEqual([...words(expected)])
  })
})

describe('a stream', () => {
  const first = (key: string, name: string): number[] => {
    const stream = new PhiloxStream(key, name)
    return Array.from({ length: 8 }, () => stream.word())
  }

  it('depends on its key and its name and on nothing else', () => {
    expect(first('a', 'keys')).toEqual(first('a', 'keys'))
    expect(first('a', 'keys')).not.toEqual(first('b', 'keys'))
    expect(first('a', 'keys')).not.toEqual(first('a', 'values'))
  })

  it('gives normals with the moments of the standard normal', () => {
    const stream = new PhiloxStream('moments', 'normal')
    const n = 40_000
    const x = Array.from({ length: n }, () => stream.normal())
    const moment = (power: number): number => x.reduce((sum, value) => sum + value ** power, 0) / n
    // Five standard errors of each moment: sqrt(1, 2, 15, 96) / sqrt(n).
    expect(Math.abs(moment(1))).toBeLessThan(0.025)
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.036)
    expect(Math.abs(moment(3))).toBeLessThan(0.097)
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.245)
  })

  it('gives every whole number below n about equally often', () => {
    const stream = new PhiloxStream('counts', 'integers')
    const counts = new Array<number>(7).fill(0)
    for (let i = 0; i < 7000; i++) counts[stream.below(7)]++
    const chi2 = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(chi2).toBeLessThan(22.46) // 99.9 % quantile of chi-square with 6 degrees of freedom
  })
})
