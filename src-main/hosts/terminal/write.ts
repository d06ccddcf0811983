import { writeParts, writeWhole } from '../../store/files.ts'

/** A file that the user named, and that others of the machine may read as the user's mask says. */
const mode = 0o666

/** Write a file that the user named, whole or not at all. @throws StudioError as writeWhole */
export function write(path: string, content: string): void {
  writeWhole(path, content, { mode })
}

/** The same for one of any length, part by part. @throws StudioError as writeParts */
export const writeFrom = (path: string, parts: AsyncIterable<Buffer>): Promise<void> =>
  writeParts(path, parts, { mode })
