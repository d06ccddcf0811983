const decimals = /[-+]?\d+,\d+(?:[eE][-+]?\d+)?/
const one = new RegExp(`^${decimals.source}$`)
const range = new RegExp(`(^|\\.\\.\\s*)${decimals.source}`)

/** `0,1,0,2`: a list would name 0 twice. */
const isPairs = (text: string): boolean => {
  const pieces = text.split(',')
  const whole = pieces.filter((_, i) => i % 2 === 0)
  return pieces.length % 2 === 0 && /^[-+\d,]+$/.test(text) && new Set(whole).size < whole.length
}

/** What to say of text like `0,5`, `0,5..1,5` or `0,1,0,2`, for which decimals have a point here; undefined for any other. */
export function decimalComma(text: string): string | undefined {
  const typed = text.trim()
  const meant = one.test(typed)
    ? typed.replace(',', '.')
    : typed.includes('..') && range.test(typed)
      ? typed.replace(/(\d),(?=\d)/g, '$1.')
      : isPairs(typed)
        ? typed.replace(/([^,]+),([^,]+)(,?)/g, (_, before, after, more) => `${before}.${after}${more ? ', ' : ''}`)
        : undefined
  return meant && `"${typed.slice(0, 40)}" has a decimal comma; decimals have a point here: ${meant.slice(0, 40)}`
}
