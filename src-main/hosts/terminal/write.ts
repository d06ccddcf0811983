import { writeWhole } from '../../store/files.ts'

/** Write a file that the user named, whole or not at all. @throws StudioError as writeWhole */
export function write(path: string, content: string): void {
  writeWhole(path, content, { mode: 0o666 })
}
