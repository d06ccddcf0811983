/** What a schema found wrong, as a sentence that says what it expects. */
import type { z } from 'zod'

type Issue = z.core.$ZodIssue

const namesOf: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object {...}',
  record: 'an object {...}',
  null: 'null',
  undefined: 'nothing',
  tuple: 'a list'
}

/** What stands there, shortly. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60
    ? Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `${text.slice(0, 57)}…`
    : text
}

const joined = (words: readonly string[]): string => [...new Set(words)].join(' or ')

/** What would have been right there, as far as an issue tells; undefined where it is not about the kind of value. */
function expectation(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return namesOf[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ')
    case 'invalid_union': {
      const named = /^Invalid discriminator value\. Expected (.*)$/.exec(issue.message)?.[1]
      if (named !== undefined) return named.replace(/\.$/, '').replaceAll(' | ', ' or ')
      const own = issue.errors.flatMap((branch) => {
        const here = branch.find(({ path }) => path.length === 0)
        if (here && here.code !== 'unrecognized_keys') return [expectation(here) ?? here.message]
        const keys = branch.flatMap(({ path, ...rest }) => {
          const what = path.length && expectation(rest as Issue)
          return what ? [`${path.join('.')}: ${what}`] : []
        })
        return keys.length ? [`an object with ${keys.join(', ')}`] : here ? [here.message] : []
      })
      return own.length ? joined(own) : undefined
    }
    case 'invalid_format':
      return issue.format === 'template_literal' ? issue.message : undefined
    default:
      return undefined
  }
}

const at = (json: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], json)

/**
 * The issue in words, without the path that stands beside it and without a full stop.
 * @param json what was parsed, so that what stands there can be shown
 */
export function issueText(issue: Issue, json: unknown): string {
  const value = at(json, issue.path)
  // The branch of a union that got furthest tells more than that none fits.
  if (issue.code === 'invalid_union') {
    const deep = nearest(issue)
    if (deep) return issueText({ ...deep, path: [...issue.path, ...deep.path] } as Issue, json)
  }
  if (issue.code === 'unrecognized_keys')
    return `There is no key ${issue.keys.map((key) => `"${key}"`).join(', ')} here`
  const expected = expectation(issue)
  if (expected === undefined) return issue.message.replace(/\.$/, '')
  return value === undefined ? `It is missing; it must be ${expected}` : `It must be ${expected}, not ${shown(value)}`
}

/** The first complaint of a schema: a sentence, and the dotted path of what it is about. */
export function complaint(error: z.ZodError, json: unknown): { message: string; field?: string } {
  const [issue] = error.issues
  const field = issuePath(issue).join('.')
  return { message: `${issueText(issue, json)}.`, ...(field && { field }) }
}

/** The path of an issue, into the branch of a union that it is about. */
function issuePath(issue: Issue): PropertyKey[] {
  const deep = issue.code === 'invalid_union' ? nearest(issue) : undefined
  return deep ? [...issue.path, ...issuePath(deep)] : [...issue.path]
}

/** Of a union of objects, the one complaint of the branch that fits but for it. */
function nearest(issue: Extract<Issue, { code: 'invalid_union' }>): Issue | undefined {
  const inside = issue.errors.filter((branch) => branch.every(({ path }) => path.length > 0))
  if (inside.length !== 1 || inside[0].length !== 1) return undefined
  return inside[0][0]
}
