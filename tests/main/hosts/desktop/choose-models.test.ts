import { beforeEach, describe, expect, it, vi } from 'vitest'
import { chooseModels } from '../../../../src-main/hosts/desktop/choose-models.ts'
import { dialog } from './stand-in.ts'

vi.mock('electron', () => import('./stand-in.ts'))

describe('the dialog for the folder of the user’s own models', () => {
  beforeEach(() => dialog.showMessageBox.mockClear())

  it('gives nothing when none is chosen, and asks nothing more', async () => {
    expect(await chooseModels()).toBeUndefined()
    expect(dialog.showMessageBox).not.toHaveBeenCalled()
  })

  it.each([
    [0, undefined],
    [1, '/home/ada/models']
  ])('says that its code is run, and for the answer %d gives %s', async (response, folder) => {
    dialog.showOpenDialog.mockResolvedValueOnce({ canceled: false, filePaths: ['/home/ada/models'] })
    dialog.showMessageBox.mockResolvedValueOnce({ response })
    expect(await chooseModels()).toBe(folder)
    expect(dialog.showMessageBox).toHaveBeenCalledWith(
      expect.objectContaining({ detail: expect.stringContaining('/home/ada/models'), defaultId: 0, cancelId: 0 })
    )
  })
})
