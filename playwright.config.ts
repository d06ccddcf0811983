import { availableParallelism } from 'node:os'
import { defineConfig } from '@playwright/test'
import { browserArguments, findBrowser } from './tests/e2e/browser.ts'

// Every file has a studio of its own. As many at once as there are cores, and two at least: much of a file is waiting.
export default defineConfig({
  outputDir: 'test-results',
  workers: Math.max(2, Math.min(availableParallelism(), 8)),
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  projects: [
    { name: 'web', testDir: 'tests/e2e', testMatch: '*.spec.ts' },
    // The files that a package holds, in Electron or in its stand-in.
    { name: 'pack', testDir: 'tests/desktop', testMatch: 'pack.setup.ts' },
    { name: 'desktop', testDir: 'tests/desktop', testMatch: '*.spec.ts', dependencies: ['pack'] }
  ],
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: findBrowser(), args: browserArguments }
  }
})
