/** The Python that runs the user's own models, chosen in a dialog that no page can answer. */
import { dialog } from 'electron'

/** @returns the program, or undefined when the user chose none */
export async function choosePython(): Promise<string | undefined> {
  const { canceled, filePaths } = await dialog.showOpenDialog({
    title: 'Python that runs your own models',
    properties: ['openFile', 'noResolveAliases']
  })
  return canceled ? undefined : filePaths[0]
}
