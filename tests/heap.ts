/** `npm run heap`: the heap of the page after 300 changes of page, and over half an hour in which a run is watched. */
import { spawnSync } from 'node:child_process'

const { status } = spawnSync(
  process.execPath,
  ['node_modules/playwright/cli.js', 'test', '--project=web', 'tests/e2e/heap.spec.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, ENGRAM_PAGE_CHANGES: '300', ENGRAM_LIVE_SECONDS: '1800' }
  }
)
process.exit(status ?? 1)
