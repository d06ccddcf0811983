/** What the catalog says in words of its models and tasks, sentence by sentence. */

/** Words by which a sentence says what comes out, not what is done. */
const effect =
  /\b(better|worse|well|weak|stronger|hardly|chance|cannot|can|lets?|never|always|falls|fades|fading|rises|grows|los[et]s?|forgets?|survives?|disturbs?|removes|too|far|even|more|less|high|small|replaces|brings? back|zeros|needs?|people|nothing|exact recall|scores|does not matter|no effect|so that|anew|only with|0 for a)\b/i

const named = new Set(['tex', 'source', 'symbol', 'shape', 'equations', 'lines', 'title', 'label', 'unit', 'repeat'])

export interface Said {
  /** Where it stands: `params.dim.help`. */
  at: string
  sentence: string
}

/** All sentences of a definition, of its texts, helps and notes; formulas, names and drawings left out. */
export function sentencesOf(definition: object): Said[] {
  const found: Said[] = []
  const walk = (value: unknown, at: string): void => {
    if (typeof value === 'string') {
      if (value.includes(' '))
        for (const sentence of value.split(/(?<=[.?!])\s+(?=[A-Z0-9])/)) found.push({ at, sentence })
    } else if (Array.isArray(value)) for (const one of value) walk(one, at)
    else if (value && typeof value === 'object')
      for (const [name, one] of Object.entries(value)) if (!named.has(name)) walk(one, at ? `${at}.${name}` : name)
  }
  walk(definition, '')
  return found
}

/** The steps of a protocol are what is done; a question claims nothing, nor does "How far ...", the name of a quantity. */
export const saysEffect = ({ at, sentence }: Said): boolean =>
  at !== 'protocol' && !sentence.endsWith('?') && !sentence.startsWith('How ') && effect.test(sentence)
