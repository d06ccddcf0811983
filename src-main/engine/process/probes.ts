/**
 * Which backends run here. Those that load native code are asked in a process of their own each, with a deadline. What a
 * driver that crashed or hung has done is remembered until the driver or the studio changes, so that it happens once.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { z } from 'zod'
import type { BackendName, Detected } from '../../tensors/backends/backend.ts'
import { cpu } from '../../tensors/backends/cpu.ts'
import { tensorflow } from '../../tensors/backends/tensorflow.ts'
import { wasm } from '../../tensors/backends/wasm.ts'
import { programFile } from './programs.ts'
import { spawnProgram } from './spawn.ts'

/** How long a driver may take to answer. */
const patienceMs = 20_000

export interface ProbeOptions {
  /** Where crashes and hangs are remembered; nowhere if left out. */
  memory?: string
  /** Milliseconds, instead of the usual patience. */
  patience?: number
}

/** Every backend, best first. */
export async function probeBackends(options: ProbeOptions = {}): Promise<Detected[]> {
  const found = await Promise.all([
    tensorflow.isInstalled() ? apart('tensorflow', options) : tensorflow.detect(),
    apart('webgpu', options),
    wasm.detect(),
    cpu.detect()
  ])
  // Software that imitates a GPU is never chosen by itself, unless someone has nothing else to try a GPU's ways with.
  const counts = process.env.ENGRAM_SOFTWARE_GPU === '1'
  return found.map((backend) => ({ ...backend, software: backend.software && !counts }))
}

const memorySchema = z.record(z.string(), z.object({ fingerprint: z.string(), reason: z.string() }))
type Memory = z.infer<typeof memorySchema>

async function apart(name: BackendName, { memory, patience = patienceMs }: ProbeOptions): Promise<Detected> {
  const known = recall(memory)
  const fingerprint = fingerprintOf()
  const before = known[name]
  if (before?.fingerprint === fingerprint)
    return absent(
      name,
      `${before.reason} It is tried again when its driver or the studio changes; \`engram doctor\` tries at once.`
    )
  const found = await ask(name, patience)
  if (memory !== undefined && (found.broke || before)) {
    if (found.broke) known[name] = { fingerprint, reason: found.broke }
    else delete known[name]
    remember(memory, known)
  }
  return found.broke ? absent(name, found.broke) : (found.detected as Detected)
}

const absent = (name: BackendName, reason: string): Detected => ({
  name,
  available: false,
  adapter: '',
  software: false,
  reason
})

function ask(name: BackendName, patience: number): Promise<{ detected?: Detected; broke?: string }> {
  const child = spawnProgram(process.execPath, programFile('probe'), [name], 'ignore')
  return new Promise<{ detected?: Detected; broke?: string }>((resolve) => {
    const timer = setTimeout(() => resolve({ broke: 'Its driver did not answer.' }), patience)
    child.once('message', (detected) => {
      clearTimeout(timer)
      resolve({ detected: detected as Detected })
    })
    child.once('error', ({ message }) => resolve({ broke: `It could not be asked: ${message}.` }))
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      resolve({ broke: `Its driver ended the process that asked it (${signal ?? `exit code ${code}`}).` })
    })
  }).finally(() => child.kill('SIGKILL'))
}

function recall(file: string | undefined): Memory {
  if (file === undefined) return {}
  try {
    return memorySchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return {}
  }
}

/** A folder that cannot be written costs another probe, no more. */
function remember(file: string, known: Memory): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const written = `${file}.${process.pid}`
    writeFileSync(written, JSON.stringify(known, null, 2), { mode: 0o600 })
    renameSync(written, file)
  } catch {
    return
  }
}

/** Where systems keep what says which driver is installed. */
const driverPlaces = [
  '/proc/driver/nvidia/version',
  '/usr/share/vulkan/icd.d',
  '/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  'C:/Windows/System32/DriverStore/FileRepository'
]

/** Changes with the studio's build, Node, the system and its drivers. */
function fingerprintOf(): string {
  const hash = createHash('sha256')
  hash.update([process.version, process.platform, process.arch, release(), process.env.LD_LIBRARY_PATH].join('\0'))
  const chosen = (process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES ?? '').split(delimiter).filter(Boolean)
  for (const place of [import.meta.filename, programFile('probe'), ...driverPlaces, ...chosen])
    hash.update(`\0${place}\0${stateOf(place)}`)
  return hash.digest('hex').slice(0, 16)
}

function stateOf(place: string): string {
  try {
    if (!statSync(place).isDirectory()) return place.startsWith('/proc') ? readFileSync(place, 'utf8') : changed(place)
    // The repository of Windows' drivers has thousands of folders: its own time tells of a new one.
    return place.startsWith('C:')
      ? changed(place)
      : readdirSync(place)
          .map((name) => changed(join(place, name)))
          .join()
  } catch {
    return 'none'
  }
}

const changed = (file: string): string => `${file}:${statSync(file).mtimeMs}:${statSync(file).size}`
