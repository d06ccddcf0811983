/** The folder of the user's own models, chosen and confirmed in dialogs that no page can answer. */
import { dialog } from 'electron'

/** @returns the folder, or undefined when the user chose none or would not have its code run */
export async function chooseModels(): Promise<string | undefined> {
  const { canceled, filePaths } = await dialog.showOpenDialog({
    title: 'Folder of your own models',
    properties: ['openDirectory']
  })
  const [folder] = filePaths
  if (canceled || folder === undefined) return undefined
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: 'Engram Studio',
    message: 'Run the code in this folder?',
    detail:
      `Every .js, .ts and .py file in ${folder} is loaded as a model and runs with your rights, now and at every start. ` +
      'Go on only if you know what is in it.',
    buttons: ['Cancel', 'Run its code'],
    defaultId: 0,
    cancelId: 0,
    noLink: true
  })
  return response === 1 ? folder : undefined
}
