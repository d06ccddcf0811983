/** `npm run heap`: the heap of the page after 300 changes of page. */
import { spawnSync } from 'node:child_process'

const { status } = spawnSync(
  process.execPath,
  ['node_modules/playwright/cli.js', 'test', '--project=web', 'tests/e2e/heap.spec.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, ENGRAM_PAGE_CHANGES: '300' }
  }
)
process.exit(status ?? 1)
