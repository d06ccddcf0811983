/** At the end of a command, what the store did not take: the user names another folder, by an option or when asked. */
import { createInterface } from 'node:readline/promises'
import type { UnsavedFile } from '../../studio/unsaved-file.ts'
import { keepElsewhere, keptText, unsavedPlaces } from '../unsaved.ts'
import { plain } from './text.ts'

const say = (sentence: string): void => void process.stderr.write(`${plain(sentence)}\n`)

/** @param folder from the command line; without it whoever sits at the terminal is asked until a folder takes it */
export async function keepUnsaved(files: readonly UnsavedFile[], folder: string | undefined): Promise<void> {
  for (const file of files) {
    const asked = folder === undefined && process.stdin.isTTY && process.stderr.isTTY
    say(keptText(file, asked ? await ask(file) : keepElsewhere(file, unsavedPlaces(folder))))
  }
}

async function ask(file: UnsavedFile): Promise<ReturnType<typeof keepElsewhere>> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    for (;;) {
      const here = process.cwd()
      const question = `${file.trials} trials of run ${file.run} could not be stored. Folder to write them to [${here}]: `
      const answer = await terminal.question(plain(question))
      const kept = keepElsewhere(file, [answer.trim() || here])
      if ('path' in kept) return kept
      say(kept.why)
    }
  } catch {
    // Ctrl-C or Ctrl-D: nobody chooses any more.
    return keepElsewhere(file, unsavedPlaces())
  } finally {
    terminal.close()
  }
}
