import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { probeBackends } from '../../../../src-main/engine/process/probes.ts'

const folder = mkdtempSync(join(tmpdir(), 'engram-probes-'))
const memory = join(folder, 'probes.json')
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.unstubAllEnvs())

const webgpu = async (patience?: number): Promise<string> =>
  (await probeBackends({ memory, ...(patience !== undefined && { patience }) })).find(({ name }) => name === 'webgpu')!
    .reason ?? 'available'

describe('probing the backends', () => {
  it('finds the CPU whatever the drivers do, and remembers a driver that does not answer until something changes', async () => {
    const found = await probeBackends({ memory, patience: 0 })
    expect(found.map(({ name }) => name)).toEqual(['tensorflow', 'webgpu', 'wasm', 'cpu'])
    expect(found.filter(({ name, available }) => available && (name === 'wasm' || name === 'cpu'))).toHaveLength(2)
    expect(found[1].reason).toBe('Its driver did not answer.')
    expect(JSON.parse(readFileSync(memory, 'utf8'))).toMatchObject({ webgpu: { reason: 'Its driver did not answer.' } })
    if (process.platform !== 'win32') expect(statSync(memory).mode & 0o777).toBe(0o600)
    expect(await webgpu()).toContain('Its driver did not answer. It is tried again when')
    // Another driver than before.
    vi.stubEnv('VK_DRIVER_FILES', join(folder, 'no-driver.json'))
    expect(await webgpu()).not.toContain('did not answer')
    expect(JSON.parse(readFileSync(memory, 'utf8'))).toEqual({})
  }, 60_000)
})
