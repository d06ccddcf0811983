import { cpus } from 'node:os'
import type { BackendModule } from './backend.ts'

/** Plain JavaScript loops: always there, slow, the portable reference. */
export const cpu: BackendModule = {
  name: 'cpu',
  detect: () => Promise.resolve({ name: 'cpu', available: true, software: false, adapter: cpuName() }),
  async setUp() {
    const { mendOps } = await import('./mended-ops.ts')
    mendOps('cpu')
  }
}

/** The processor as its maker names it. */
export function cpuName(): string {
  return cpus()[0]?.model.trim() || process.arch
}
