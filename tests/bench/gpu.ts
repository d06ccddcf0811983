/**
 * A GPU's table: every model of keys and values (storing, retrieving) and every block (a step of training) on webgpu, wasm and,
 * where it loads, tensorflow, with the machine's peaks for the roofline and the golden fixtures verified there. On webgpu
 * it also counts dispatches and bytes read back: per stored item, per query, per step of training; in brackets, what the
 * same takes on plain ops.
 *
 * An imitation of a GPU (software Vulkan) is counted at a small size and not timed: it says nothing about speed. One JSON
 * holds all of it; `software` says of each backend whether its times mean anything.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { probeBackends } from '../../src-main/engine/process/probes.ts'
import { cpuName } from '../../src-main/tensors/backends/cpu.ts'
import { softwareVulkan } from '../support/software-vulkan.ts'
import type { GpuBackend, GpuTable } from '../../src-shared/cost/gpu-table.ts'
import type { Counts } from '../support/gpu-counts.ts'
import type { BenchOptions } from './run.ts'

/** Seconds that the models of one backend may take: with the fixtures all of it stays under four minutes. */
const seconds = 55

export async function bench({ json, quick, only }: BenchOptions): Promise<GpuTable> {
  const begun = performance.now()
  // Without a driver of its own this machine may have one in software.
  const own = await probeBackends()
  const borrowed = !own.some(({ name, available }) => name === 'webgpu' && available) && softwareVulkan
  if (borrowed) Object.assign(process.env, softwareVulkan)
  const found = borrowed ? await probeBackends() : own
  const say = (text: string): void => void (json || console.log(text))
  const results: GpuBackend[] = []
  for (const { name, available, software, adapter, reason } of found) {
    if (name === 'cpu' || (quick && name !== 'webgpu')) continue
    if (!available) {
      say(`${name}: not here (${reason})`)
      continue
    }
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'gpu-child.ts'),
        name,
        software ? '1' : '0',
        ...only
      ],
      { encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env, BENCH_SECONDS: String(seconds) } }
    )
    const line = stdout.trim().split('\n').at(-1)
    if (status !== 0 || !line) throw new Error(`${name} ended with ${status}: ${stderr.slice(-2000)}`)
    results.push({ ...(JSON.parse(line) as GpuBackend), adapter: adapter ?? '' })
    report(results.at(-1)!, say)
  }
  const measured = results.some(({ backend, software }) => backend === 'webgpu' && !software)
  const minutes = (performance.now() - begun) / 60_000
  say(
    `\n${minutes.toFixed(1)} minutes; ${measured ? 'a GPU was measured' : 'no GPU was measured: what is counted here is an imitation in software, whose speed says nothing of one'}`
  )
  return {
    ...{ bench: 'gpu', date: new Date().toISOString().slice(0, 10), quick, minutes },
    ...{ processor: cpuName(), cores: availableParallelism(), measured, results }
  }
}

/** Dispatches and bytes read back, and in brackets what plain ops take. */
function counts(of: Counts | undefined, plain: Counts | undefined): string {
  if (!of) return ''
  const said = (pick: (counts: Counts) => number, text: (value: number) => string): string =>
    plain ? `${text(pick(of))} (${text(pick(plain))})` : text(pick(of))
  const dispatches = said(
    (c) => c.dispatches,
    (n) => n.toFixed(n < 10 && !Number.isInteger(n) ? 2 : 0)
  )
  return `${dispatches} dispatches, ${said(
    (c) => c.readBack,
    (n) => Math.round(n).toString()
  )} bytes back`
}

function report(of: GpuBackend, say: (text: string) => void): void {
  const { backend, adapter, software, peaks, memories, blocks, fixtures, items, batch } = of
  say(`\n${backend}: ${adapter}${software ? ': counted, not timed' : ''}; ${items} items, batches of ${batch}`)
  if (peaks)
    say(`peaks: ${(peaks.flopsPerSecond / 1e9).toFixed(0)} GFLOP/s, ${(peaks.bytesPerSecond / 1e9).toFixed(0)} GB/s`)
  const gpu = backend === 'webgpu'
  for (const { model, times, store, perItem, perQuery, plain, error } of memories)
    say(
      `${model.padEnd(22)} ${
        error ??
        [
          software ? '' : `store ${times!.store.toFixed(3)} ms, retrieve ${times!.retrieve.toFixed(3)} ms a trial`,
          gpu
            ? `a store ${counts(store, plain?.store)}; an item ${counts(perItem, plain?.perItem)}; a query ${counts(perQuery, plain?.perQuery)}`
            : ''
        ]
          .filter(Boolean)
          .join('; ')
      }`
    )
  for (const { model, stepMs, perStep, plain, layers, error } of blocks)
    say(
      `${model.padEnd(22)} ${
        error ??
        [
          software ? '' : `a step ${stepMs!.toFixed(1)} ms`,
          gpu
            ? `a step ${counts(perStep, plain)}${layers ? ` (${(perStep!.dispatches / layers).toFixed(0)} a layer)` : ''}`
            : ''
        ]
          .filter(Boolean)
          .join('; ')
      }`
    )
  if (fixtures)
    say(`fixtures: ${fixtures.passed} passed${fixtures.failed.length ? `, failed: ${fixtures.failed.join(', ')}` : ''}`)
}
