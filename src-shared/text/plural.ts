/** A number of things in words: `1 trial`, `20 trials`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${value.toLocaleString('en')} ${value === 1 ? one : many}`
