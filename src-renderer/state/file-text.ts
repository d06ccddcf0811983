import { textOf } from '../../src-shared/text/read.ts'

/** The text of a file that the user chose. @throws StudioError bad-file that names the line that is no text */
export const fileText = async (file: File): Promise<string> =>
  textOf(new Uint8Array(await file.arrayBuffer()), file.name)
