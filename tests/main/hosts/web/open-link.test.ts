import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { openLink } from '../../../../src-main/hosts/web/open-link.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const folder = temporaryFolder('open')
const path = process.env.PATH
afterAll(() => {
  process.env.PATH = path
})

describe.skipIf(process.platform !== 'linux')('openLink', () => {
  it('gives the browser a file that only its user can read, not the link', async () => {
    const seen = join(folder, 'seen')
    const opener = join(folder, 'xdg-open')
    const script = `#!/bin/sh\nfile="\${1#file://}"\nprintf '%s\\n%s\\n' "$1" "$(stat -c %a "$file")" > ${seen}.part\ncat "$file" >> ${seen}.part\nmv ${seen}.part ${seen}\n`
    writeFileSync(opener, script)
    chmodSync(opener, 0o755)
    process.env.PATH = `${folder}${delimiter}${path}`
    expect(await openLink('http://127.0.0.1:1/#token=secret')).toBe(true)
    let text = ''
    await expect.poll(() => (text = read(seen))).not.toBe('')
    const [address, mode, page] = text.split('\n')
    expect(address).toMatch(/^file:\/\/\/.*open\.html$/)
    expect(address).not.toContain('secret')
    expect(mode).toBe('600')
    expect(page).toContain('url=http://127.0.0.1:1/#token=secret')
  })

  it('says that the opener found no browser', async () => {
    const opener = join(folder, 'xdg-open')
    writeFileSync(opener, '#!/bin/sh\nexit 3\n')
    chmodSync(opener, 0o755)
    process.env.PATH = `${folder}${delimiter}${path}`
    expect(await openLink('http://127.0.0.1:1/')).toBe(false)
  })

  it('puts the file where a browser from snap may read it: openly in the home folder', async () => {
    const seen = join(folder, 'seen-by-snap')
    const opener = join(folder, 'xdg-open')
    writeFileSync(opener, `#!/bin/sh\nprintf '%s' "$1" > ${seen}\n`)
    chmodSync(opener, 0o755)
    process.env.PATH = `${folder}${delimiter}${path}`
    vi.stubEnv('HOME', folder)
    expect(await openLink('http://127.0.0.1:1/', folder)).toBe(true)
    vi.unstubAllEnvs()
    expect(read(seen)).toContain(`file://${folder}/engram-studio-link-`)
  })

  it('says that there is nothing to open it with', async () => {
    process.env.PATH = join(folder, 'empty')
    expect(await openLink('http://127.0.0.1:1/')).toBe(false)
  })
})

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
