/** What to say of text like `0,5`, for which decimals have a point here; undefined for any other. */
export const decimalComma = (text: string): string | undefined =>
  /^\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*$/.test(text)
    ? `"${text.trim()}" has a decimal comma; decimals have a point here: ${text.trim().replace(',', '.')}`
    : undefined
