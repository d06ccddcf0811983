import { z } from 'zod'

/** A model that is about to be written. */
export const newModelSchema = z.object({
  name: z
    .string()
    .trim()
    .regex(/^[A-Za-z][A-Za-z0-9 _-]{0,47}$/, 'must begin with a letter; letters, digits, spaces, - and _ may follow'),
  language: z.enum(['python', 'typescript'])
})
export type NewModel = z.infer<typeof newModelSchema>
