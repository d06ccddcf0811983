// Set Electron's fuses in the program that was just put together, before it is signed and wrapped up.
import { join } from 'node:path'
import { setFuses } from './fuses.ts'

/** @param {{ appOutDir: string, electronPlatformName: string, packager: { appInfo: { productFilename: string }, executableName?: string } }} context */
export default async function afterPack({ appOutDir, electronPlatformName, packager }) {
  const { productFilename } = packager.appInfo
  const program = {
    darwin: join(`${productFilename}.app`, 'Contents', 'MacOS', productFilename),
    win32: `${productFilename}.exe`,
    linux: packager.executableName
  }[electronPlatformName]
  await setFuses(join(appOutDir, program), electronPlatformName === 'darwin')
}
