import type { Backend } from '../../../src-shared/shapes/machine.ts'

export type BackendName = Backend['name']

/** Detected: the contract's data, and whether a GPU is a program that imitates one. */
export interface Detected extends Backend {
  software: boolean
}

/** One way to compute. `setUp` makes it ready in the current thread, before tf.setBackend(name). */
export interface BackendModule {
  name: BackendName
  /** May load native code: only called in a process that may crash (see engine/process/probes.ts). */
  detect(): Promise<Detected>
  setUp(): Promise<void>
}

/** The sentence of an Error, for `reason`. */
export const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** Why native code did not load, with what mends it. */
export function loadProblem(thrown: unknown, platform: NodeJS.Platform = process.platform): string {
  const said = reasonOf(thrown).split('\n')[0]
  const [, glibc] = /version `GLIBC_([\d.]+)' not found/.exec(said) ?? []
  if (glibc) return `It needs the C library glibc ${glibc} or newer, as Debian 12, Ubuntu 22.04 and RHEL 9 have it.`
  if (platform === 'win32' && /specified module could not be found/i.test(said))
    return 'Windows did not find a library that it needs: install Microsoft’s Visual C++ Redistributable, then try again.'
  const [, library] = /(\S+\.so[.\d]*): cannot open shared object file/.exec(said) ?? []
  if (library) return `The library ${library} is missing; install the package of your distribution that holds it.`
  return said
}

/** Where a GPU's driver comes from. */
export function driverAdvice(platform: NodeJS.Platform = process.platform): string {
  if (platform === 'darwin') return 'this Mac may have none that Metal knows'
  if (platform === 'win32') return 'install the driver of its maker, which brings Direct3D 12'
  return 'install its Vulkan driver (Debian and Ubuntu: mesa-vulkan-drivers for AMD and Intel, the maker’s for NVIDIA)'
}
