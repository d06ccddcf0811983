import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { launch, whyItEnded } from '../../../../src-main/hosts/desktop/launch.ts'

const folder = mkdtempSync(join(tmpdir(), 'engram launch ü '))
afterAll(() => rmSync(folder, { recursive: true }))

/** A program in Electron's place: what it does is given as JavaScript. */
function program(name: string, body: string): string {
  const file = join(folder, name)
  writeFileSync(file, `#!${process.execPath}\n${body}\n`)
  chmodSync(file, 0o755)
  return file
}
const ends = (name: string, stderr: string, how: string): string =>
  program(name, `process.stderr.write(${JSON.stringify(stderr)}, () => { ${how} })`)

// In Chromium's, Electron's and the dynamic linker's own words.
const sandbox = `[4242:1128/120000.1:FATAL:sandbox/linux/suid/client/setuid_sandbox_host.cc:166] The SUID sandbox helper binary was found, but is not configured correctly. Rather than run without sandboxing I'm aborting now. You need to make sure that /e/chrome-sandbox is owned by root and has mode 4755.`
const userNamespaces =
  '[1:1128/1.1:FATAL:content/browser/zygote_host/zygote_host_impl_linux.cc:128] No usable sandbox! If you are running on Ubuntu 23.10+ or another Linux distro that has disabled unprivileged user namespaces with AppArmor, see ...'
const library =
  '/e/electron: error while loading shared libraries: libgtk-3.so.0: cannot open shared object file: No such file or directory'
const display = `[1:1128/1.1:ERROR:ui/ozone/platform/x11/ozone_platform_x11.cc:256] Missing X server or $DISPLAY\n[1:1128/1.1:ERROR:ui/aura/env.cc:257] The platform failed to initialize.  Exiting.`
const libc = "/e/electron: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /e/electron)"

describe('whyItEnded', () => {
  it.each([
    [
      'the sandbox',
      sandbox,
      /sandbox start; once and for all: sudo chown root '.e.chrome-sandbox' && sudo chmod 4755 /
    ],
    ['Ubuntu’s ban on user namespaces', userNamespaces, /sudo chmod 4755 '.e.chrome-sandbox'$/],
    ['a missing library', library, /^the library libgtk-3\.so\.0 is missing; .*apt-get install libgtk-3-0/],
    ['a display that is gone', display, /^nothing answers at (WAYLAND_)?DISPLAY=\S*; /],
    ['an old C library', libc, /older than GLIBC_2\.34/]
  ])('knows %s, and what mends it', (_what, said, reason) =>
    expect(whyItEnded(`noise\n${said}\n`, '/e/electron', 'exit code 1')).toMatch(reason)
  )
  it('gives the last line of what it does not know, and how it ended', () => {
    expect(whyItEnded('one\ntwo\n', '/e', 'signal SIGSEGV')).toBe(
      'Electron ended before its window was there (signal SIGSEGV: two)'
    )
    expect(whyItEnded('', '/e', 'exit code 7')).toContain('(exit code 7)')
  })
  it('writes a path with a quote so that a shell takes it as one word', () =>
    expect(whyItEnded(sandbox, "/it's here/electron", '')).toContain(String.raw`'/it'\''s here/chrome-sandbox'`))
})

describe.skipIf(process.platform === 'win32')('launch', () => {
  it('tells an app whose window was seen from one that ended before', async () => {
    const shown = program('shown', `process.send('seen', () => process.exit(3))`)
    expect(await launch(shown, [])).toMatchObject({ seen: true, stopped: false, code: 3 })
    const aborted = ends('aborted', sandbox, `process.kill(process.pid, 'SIGTRAP')`)
    expect(await launch(aborted, [])).toMatchObject({ seen: false, reason: expect.stringContaining('sandbox') })
  })
  it('takes a good end for the user’s: a second start shows the first window and ends', async () =>
    expect(await launch(program('second', ''), [])).toMatchObject({ seen: true, code: 0 }))
  it('says why when it cannot be started at all', async () => {
    const file = program('locked', '')
    chmodSync(file, 0o644)
    expect(await launch(file, [])).toMatchObject({ seen: false, reason: expect.stringContaining('did not start') })
  })
  it('is never started as a plain Node', async () => {
    const file = join(folder, 'env')
    process.env.ELECTRON_RUN_AS_NODE = '1'
    await launch(
      program('env-seen', `require('fs').writeFileSync(process.argv[2], String(process.env.ELECTRON_RUN_AS_NODE))`),
      [file]
    )
    delete process.env.ELECTRON_RUN_AS_NODE
    expect(readFileSync(file, 'utf8')).toBe('undefined')
  })
  it('ends with it what an app that crashed had started', async () => {
    const file = join(folder, 'left')
    const body = `const child = require('child_process').spawn('sleep', ['600'], { stdio: 'inherit' })
      require('fs').writeFileSync(process.argv[2], String(child.pid)); process.kill(process.pid, 'SIGKILL')`
    expect(await launch(program('crashed', body), [file])).toMatchObject({ seen: false })
    await expect.poll(() => alive(Number(readFileSync(file, 'utf8')))).toBe(false)
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s to us ends the app in its own time', async (signal) => {
    const told = join(folder, `told-${signal}`)
    const body = `process.on('SIGTERM', () => { require('fs').appendFileSync(process.argv[2], 'asked\\n'); setTimeout(() => process.exit(0), 100) })
      require('fs').writeFileSync(process.argv[2], process.pid + '\\n'); process.send('seen'); setInterval(() => {}, 1000)`
    const code = `import { launch } from ${JSON.stringify(join(import.meta.dirname, '../../../../src-main/hosts/desktop/launch.ts'))}
      console.log(JSON.stringify(await launch(${JSON.stringify(program(`waits-${signal}`, body))}, [${JSON.stringify(told)}])))`
    const starter = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], { detached: true })
    let said = ''
    starter.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const ended = new Promise((done) => starter.once('close', done))
    await expect
      .poll(() => existsSync(told) && readFileSync(told, 'utf8').endsWith('\n'), { timeout: 20_000 })
      .toBe(true)
    // As Ctrl-C does: to the whole group of whoever typed it.
    process.kill(-starter.pid!, signal)
    await ended
    expect(JSON.parse(said)).toMatchObject({ seen: true, stopped: true, code: 0 })
    const [pid, ...asked] = readFileSync(told, 'utf8').trim().split('\n')
    expect(asked).toEqual(['asked'])
    expect(alive(Number(pid))).toBe(false)
  })
})

function alive(pid: number): boolean {
  try {
    return (
      !/^State:\s+Z/m.test(existsSync('/proc/self') ? readFileSync(`/proc/${pid}/status`, 'utf8') : '') &&
      process.kill(pid, 0)
    )
  } catch {
    return false
  }
}
