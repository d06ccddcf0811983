/** PyTorch beside the studio, for benches: what its BLAS is, and a process of it that answers line by line. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A Python that has torch; undefined where there is none. */
export const torchInterpreter = (): string | undefined =>
  ['/usr/bin/python3', 'python3'].find((command) => spawnSync(command, ['-c', 'import torch']).status === 0)

export interface AboutTorch {
  version: string
  /** The kernel that its BLAS chose for this processor, e.g. OpenBLAS Cooperlake. */
  kernel: string
  /** Its widest instructions; a ratio against a generic kernel says little. */
  width: 'AVX-512' | 'AVX2' | 'AVX' | 'NEON' | 'generic' | 'unknown'
}

/** OpenBLAS' names of kernels, by the instructions that they use; those left out are of SSE or of none. */
const widths: readonly [RegExp, AboutTorch['width']][] = [
  [/skylakex|cooperlake|sapphirerapids|knl/i, 'AVX-512'],
  [/haswell|zen|excavator|broadwell/i, 'AVX2'],
  [/sandybridge|bulldozer|piledriver|steamroller/i, 'AVX'],
  [/armv8|neoverse|cortex|thunderx|vortex|tsv110|a64fx/i, 'NEON']
]

/** @param core OpenBLAS' name of its kernel, or what another BLAS says of the processor */
export const widthOf = (core: string): AboutTorch['width'] =>
  widths.find(([names]) => names.test(core))?.[1] ?? 'generic'

export function aboutTorch(python: string): AboutTorch {
  const code = 'import torch; a = torch.ones(64, 64); a @ a; print(torch.__version__); print(torch.__config__.show())'
  const { stdout, stderr } = spawnSync(python, ['-c', code], {
    encoding: 'utf8',
    env: { ...process.env, OPENBLAS_VERBOSE: '2' }
  })
  const core = /Core: (\S+)/.exec(stdout + stderr)?.[1]
  const version = stdout.split('\n').find((line) => /^\d+\.\d+/.test(line)) ?? ''
  if (core) return { version, kernel: `OpenBLAS ${core}`, width: widthOf(core) }
  // Another BLAS picks its kernel by the same processor, and does not say which: what torch says of itself stands for it.
  const blas = /BLAS_INFO=([^,\s]+)/.exec(stdout)?.[1] ?? 'unknown'
  const capability = /CPU capability usage: (\S+)/.exec(stdout)?.[1] ?? ''
  const width = /512/.test(capability) ? 'AVX-512' : /AVX2/.test(capability) ? 'AVX2' : 'unknown'
  return { version, kernel: `${blas}, kernel not named`, width }
}

/** A process that answers each line that it is sent with one line of JSON, in order. */
export class LineServer {
  readonly #child: ChildProcess
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = []
  #said = ''

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env })
    this.#child.stderr!.on('data', (part: Buffer) => (this.#said = (this.#said + part.toString()).slice(-2000)))
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#waiting.shift()?.resolve(line))
    this.#child.on('close', (status) => {
      for (const { reject } of this.#waiting.splice(0))
        reject(new Error(`${command} ended with ${status}: ${this.#said}`))
    })
  }

  ask<T>(line: string): Promise<T> {
    return new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#child.stdin!.write(line + '\n')
    }).then((answer) => JSON.parse(answer) as T)
  }

  end(): void {
    this.#child.stdin!.end()
  }
}

/** So that a library of the server computes on one thread. */
export const oneThread = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
