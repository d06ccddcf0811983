// Electron's fuses: what the packaged program can never be made to do, whatever its arguments and environment.
import { flipFuses, FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses'

/** Every fuse there is, and what it is set to. */
const wanted: Record<FuseV1Options, boolean> = {
  [FuseV1Options.RunAsNode]: false,
  // Its key lies in the system's keychain, which asks for a password when an unsigned program comes; no cookie is kept.
  [FuseV1Options.EnableCookieEncryption]: false,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  // Only speed: what it would trap is checked otherwise.
  [FuseV1Options.WasmTrapHandlers]: true
}

/**
 * Set the fuses of an Electron program and read them back.
 * @param resign whether an ad-hoc signature must be made anew (Apple silicon)
 * @throws Error when one does not read as it was set, or when the program has other fuses than we know
 */
export async function setFuses(program: string, resign = false): Promise<void> {
  await flipFuses(program, {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    resetAdHocDarwinSignature: resign,
    ...wanted
  })
  const wire = await getCurrentFuseWire(program)
  for (const [fuse, on] of Object.entries(wanted)) {
    const option = Number(fuse) as FuseV1Options
    if (wire[option] !== (on ? FuseState.ENABLE : FuseState.DISABLE))
      throw new Error(`The fuse ${FuseV1Options[option]} of ${program} is not ${on ? 'on' : 'off'}.`)
  }
}
