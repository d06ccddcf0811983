/** Which backends run here, found out where a crash of native code harms nobody. */
import { fork } from 'node:child_process'
import type { BackendName, Detected } from './backend.ts'

/** How long a driver may take to answer. */
const patienceMs = 20_000

export const backendNames: readonly BackendName[] = ['tensorflow', 'webgpu', 'wasm', 'cpu']

/**
 * Ask a fresh process to try every backend.
 * @param workerFile the engine's worker, which answers when started with `probe`
 */
export async function detectBackends(workerFile: string): Promise<Detected[]> {
  try {
    return await inProcess(workerFile)
  } catch (error) {
    const reason = `Looking for it failed: ${(error as Error).message}.`
    return backendNames.map((name) => {
      // What needs no native code is there whatever the drivers do.
      const available = name === 'wasm' || name === 'cpu'
      return { name, available, adapter: '', software: false, ...(!available && { reason }) }
    })
  }
}

function inProcess(workerFile: string): Promise<Detected[]> {
  const child = fork(workerFile, ['probe'], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc']
  })
  return new Promise<Detected[]>((resolve, reject) => {
    child.once('message', (found) => resolve(found as Detected[]))
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`its driver ended the probe (${signal ?? `exit code ${code}`})`))
    )
    setTimeout(() => reject(new Error('its driver did not answer')), patienceMs).unref()
  }).finally(() => child.kill('SIGKILL'))
}
