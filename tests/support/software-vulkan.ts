/** Chromium on Linux brings a software Vulkan, which computes as a GPU would: for machines that have none. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const chromium = '/usr/lib/chromium'
const driver = join(chromium, 'vk_swiftshader_icd.json')

/** What a process needs in its environment to find it; undefined where it is not installed. */
export const softwareVulkan: Readonly<Record<string, string>> | undefined = existsSync(driver)
  ? { VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: chromium }
  : undefined

/** The same, taken for a GPU by whoever chooses a backend. */
export const softwareGpu: Readonly<Record<string, string>> | undefined = softwareVulkan && {
  ...softwareVulkan,
  ENGRAM_SOFTWARE_GPU: '1'
}
