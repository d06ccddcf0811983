/**
 * How a maximum is searched. simplex: Nelder and Mead's, from several starts. evolution: differential evolution of as many
 * populations, the best end of which a simplex then follows to the top.
 */
export const searchMethods = ['simplex', 'evolution'] as const
export type SearchMethod = (typeof searchMethods)[number]
