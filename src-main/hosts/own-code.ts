/** What a start names of the user's own code: `--models DIR` and `--python PROGRAM`, in place of what the studio keeps. */
import { resolve } from 'node:path'

export interface OwnCode {
  /** The folder of models. */
  models?: string
  /** The Python that runs those of them that are in Python. */
  python?: string
}

/** For the studio. A program without a folder is looked for on the PATH. */
export const ownCode = ({ models, python }: OwnCode): { modelFolder?: string; interpreter?: string } => ({
  ...(models !== undefined && { modelFolder: resolve(models) }),
  ...(python !== undefined && { interpreter: /[/\\]/.test(python) ? resolve(python) : python })
})

/** The same as arguments of another start. */
export const ownCodeArguments = ({ models, python }: OwnCode): string[] => [
  ...(models === undefined ? [] : ['--models', resolve(models)]),
  ...(python === undefined ? [] : ['--python', python])
]
