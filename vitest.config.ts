import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Tests of functions alone: nothing of theirs outlives them, so the modules that they share are loaded once. */
const functions = ['tests/{shared,renderer}/**/*.test.ts', 'tests/main/{models,tasks,tensors}/**/*.test.ts']

/** A process has one GPU, and does not survive a second beginning of it. */
const gpu = ['tests/main/tensors/**/webgpu.test.ts', 'tests/main/tensors/kernels/fused-ops.test.ts']

export default defineConfig({
  test: {
    // What tests start is what ships: the built engine, as new as its sources.
    globalSetup: ['tests/support/built-engine.ts'],
    pool: 'forks',
    // One for each core and one more: many wait for a process that they started, or for its end.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['tests/*.test.ts', 'tests/main/**/*.test.ts'],
          exclude: functions
        }
      },
      { extends: true, test: { name: 'functions', include: functions, exclude: gpu, isolate: false } },
      { extends: true, test: { name: 'gpu', include: gpu } }
    ]
  }
})
