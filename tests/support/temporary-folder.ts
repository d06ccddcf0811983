import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished, TestRunner } from 'vitest'

/** A folder that is gone after the test that asks for it, or after the file's last test where none does. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `engram-${name}-`))
  const after = TestRunner.getCurrentTest() ? onTestFinished : afterAll
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}
