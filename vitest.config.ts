import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/*.test.ts', 'tests/{shared,main,renderer}/**/*.test.ts'],
    // What tests start is what ships: the built engine, as new as its sources.
    globalSetup: ['tests/support/built-engine.ts'],
    pool: 'forks',
    // One for each core: left to itself, one of two cores would idle.
    maxWorkers: '100%',
    testTimeout: 30_000
  }
})
