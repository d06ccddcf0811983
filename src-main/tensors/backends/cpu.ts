import { cpus } from 'node:os'
import type { BackendModule } from './backend.ts'

/** Plain JavaScript loops: always there, slow, the portable reference. */
export const cpu: BackendModule = {
  name: 'cpu',
  detect: () => Promise.resolve({ name: 'cpu', available: true, software: false, adapter: cpuName() }),
  async setUp() {
    const { mendOps } = await import('./mended-ops.ts')
    const { registerReadOnCpu } = await import('../kernels/read-on-cpu.ts')
    mendOps('cpu')
    registerReadOnCpu()
  }
}

/** The processor as its maker names it. */
export function cpuName(): string {
  return cpus()[0]?.model.trim() || process.arch
}
