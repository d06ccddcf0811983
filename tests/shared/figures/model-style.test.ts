import { describe, expect, it } from 'vitest'
import { distinctLooks, modelStyle, palettes, styleIn, variantOf } from '../../../src-shared/figures/model-style.ts'

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

describe('the look of a model', () => {
  it('stands out from the surface of both themes by at least 3:1', () => {
    for (const colour of palettes.light) expect(contrast(colour, '#ffffff'), colour).toBeGreaterThanOrEqual(3)
    for (const colour of palettes.dark) expect(contrast(colour, '#1b1f24'), colour).toBeGreaterThanOrEqual(3)
  })

  it('is another one for each of 40 models of a catalog, in both themes', () => {
    for (const dark of [false, true]) {
      const looks = Array.from({ length: 40 }, (_, place) => JSON.stringify(modelStyle(place, 0, dark)))
      expect(new Set(looks).size).toBe(40)
    }
  })

  it('is another one for each of 20 variants of one model', () => {
    const looks = Array.from({ length: 20 }, (_, variant) => JSON.stringify(modelStyle(5, variant, false)))
    expect(new Set(looks).size).toBe(20)
  })

  it('is the same whether a model is labelled by its kind or by its title', () => {
    expect(variantOf('rag', 'rag')).toBe(0)
    expect(variantOf('Retrieval', 'rag', 'Retrieval')).toBe(0)
    expect(variantOf('True episodic', 'true-episodic', 'True episodic memory')).toBe(0)
    expect(variantOf('True episodic #2', 'true-episodic', 'True episodic memory')).toBe(1)
    expect([variantOf('rag #3', 'rag'), variantOf('Retrieval #2', 'rag', 'Retrieval')]).toEqual([2, 1])
  })

  it('depends on a label of its own, not on the order of the experiment', () => {
    expect(variantOf('slow', 'rag')).toBe(variantOf('slow', 'rag'))
    expect(variantOf('slow', 'rag')).not.toBe(0)
    expect(variantOf('slow', 'rag')).not.toBe(variantOf('fast', 'rag'))
  })

  it('has a place even for a model that is no longer in the catalog', () => {
    expect(styleIn([], 'gone', 'gone', false)).toEqual(modelStyle(0, 0, false))
  })
})

describe('models beside each other', () => {
  const alike = { colour: '#111111', dash: [7, 3], marker: 'diamond' } as const
  const other = { colour: '#222222', dash: [], marker: 'circle' } as const
  const base = (label: string) => (label === 'other' ? other : alike)

  it('never share colour and marker, up to all that there are', () => {
    const models = Array.from({ length: 14 }, (_, i) => ({ label: i === 13 ? 'other' : `m${i}`, model: 'm' }))
    const look = distinctLooks(models, base)
    const seen = models.map(({ label, model }) => `${look(label, model).colour} ${look(label, model).marker}`)
    expect(new Set(seen).size).toBe(14)
  })
  it('the first keeps its look, and so does one that nobody shares', () => {
    const look = distinctLooks(
      [
        { label: 'a', model: 'm' },
        { label: 'b', model: 'm' },
        { label: 'other', model: 'm' }
      ],
      base
    )
    expect(look('a', 'm')).toEqual(alike)
    expect(look('b', 'm').marker).not.toBe('diamond')
    expect(look('other', 'm')).toEqual(other)
    expect(look('unknown', 'm')).toEqual(alike)
  })
})
