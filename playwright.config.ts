import { defineConfig } from '@playwright/test'
import { browserArguments, findBrowser } from './tests/e2e/browser.ts'

// One worker: every file has a studio of its own, and its engine uses all cores.
export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  workers: 1,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: findBrowser(), args: browserArguments }
  }
})
