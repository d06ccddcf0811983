/** `engram new-model NAME`: a template in the models folder. */
import { newModelSchema, type NewModel } from '../../../src-shared/shapes/new-model.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { withStudio } from './session.ts'

export interface NewModelOptions {
  language: NewModel['language']
  data: string
  /** The folder, in place of the one that the studio keeps. */
  models?: string
}

/** @returns the file that was written @throws StudioError bad-input for the name, and what writing it throws */
export async function newModel(name: string, { language, data, ...own }: NewModelOptions): Promise<string> {
  const parsed = newModelSchema.safeParse({ name, language })
  if (!parsed.success)
    throw new StudioError('bad-input', `The name ${parsed.error.issues[0].message}.`, { field: 'name' })
  return withStudio(data, 'change', async ({ ask }) => (await ask('models.new', parsed.data)).file, own)
}
