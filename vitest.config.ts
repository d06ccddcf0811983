import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/*.test.ts', 'tests/{shared,main,renderer}/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 30_000
  }
})
