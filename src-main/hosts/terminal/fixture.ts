/** `engram fixture MODEL`: what a model answers here, as a file to hold another implementation of it to. */
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { write } from './write.ts'
import { plural } from '../../../src-shared/text/numbers.ts'

export interface FixtureOptions {
  params?: string
  seed: number
  out: string
  models?: string
}

/**
 * Write a fixture of the studio's own answers.
 * @returns one line that says what was written
 * @throws StudioError not-found for the model, bad-input for its parameters
 */
export async function fixtureFile(model: string, { params, seed, out, models = '' }: FixtureOptions): Promise<string> {
  const [{ userFiles }, { loadRegistry }, { writeFixture }] = await Promise.all([
    import('../../engine/process/user-files.ts'),
    import('../../engine/worker/registry.ts'),
    import('../../engine/verify/write-fixture.ts')
  ])
  const found = await userFiles(models)
  const { registry, errors: more } = await loadRegistry(found.models)
  const errors = [...found.errors, ...more]
  if (errors.length) throw new StudioError(errors[0].code, errors[0].message, errors[0])
  const fixture = await writeFixture(registry, model, params === undefined ? {} : parsed(params), seed)
  write(out, `${JSON.stringify(fixture)}\n`)
  return `wrote ${out}: ${plural(fixture.steps.length, 'step')} of ${model}`
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  const refuse = (why: string): never => {
    throw new StudioError('bad-input', `The parameters are not a JSON object ${why}.`, { field: '--params' })
  }
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : refuse('like {"dim": 16}')
  } catch (error) {
    if (error instanceof StudioError) throw error
    return refuse(`: ${(error as Error).message}`)
  }
}
