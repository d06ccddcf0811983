/** Token 0 is the filler; then come the keys, then the values. */
export interface Vocabulary {
  size: number
  keys: number
  values: number
  firstValue: number
}

/** One filler, and the rest cut in half: keys, then values. */
export function vocabularyOf(size: number): Vocabulary {
  const keys = Math.floor((size - 1) / 2)
  return { size, keys, values: size - 1 - keys, firstValue: 1 + keys }
}

/** Of filler, keys and values: 0, 1 and 2. */
export const kindsOf = (tokens: Int32Array, { firstValue }: Pick<Vocabulary, 'firstValue'>): Int32Array =>
  tokens.map((token) => (token === 0 ? 0 : token < firstValue ? 1 : 2))

/** What a token is called beside a map: filler, key 3, value 7. */
export function vocabularyName(token: number, { firstValue }: Pick<Vocabulary, 'firstValue'>): string {
  if (token === 0) return 'filler'
  return token < firstValue ? `key ${token}` : `value ${token - firstValue + 1}`
}
