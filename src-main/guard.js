// Stands first in every script, in plain JavaScript: what cannot work here ends with one sentence instead of the error
// of whatever fails first. `node src-main/guard.js FILE ...` goes on to run FILE in this same process.
import { existsSync, readdirSync, readFileSync } from 'fs'
import nodeModule from 'module'
import { join, resolve } from 'path'
import { fileURLToPath, pathToFileURL } from 'url'

/**
 * Whether a version of Node is in a range as package.json's `engines` writes it: `^22.18.0 || >=24.0.0`.
 * @param {string} version
 * @param {string} range
 * @returns {boolean}
 */
export function satisfies(version, range) {
  const [major, minor, patch] = version.split('.').map((part) => parseInt(part, 10))
  return range.split('||').some((part) => {
    const [, sign, ...numbers] = /^\s*(\^|>=)(\d+)\.(\d+)\.(\d+)\s*$/.exec(part) || []
    const [least, leastMinor, leastPatch] = numbers.map(Number)
    if (major !== least) return sign === '>=' && major > least
    return minor > leastMinor || (minor === leastMinor && patch >= leastPatch)
  })
}

/**
 * Another package manager than npm, refused as one sentence: it would install other versions than the lock file's.
 * @param {string | undefined} agent what started this: `npm_config_user_agent`
 * @returns {string | undefined}
 */
export function foreignInstaller(agent) {
  if (!agent || /^npm\//.test(agent)) return undefined
  return `Install Engram Studio with npm ci, not with ${agent.split('/')[0]}: package-lock.json says which versions were tried.`
}

/**
 * SQLite's and Dawn's native modules are built for this C library; with an older one they end in the loader's own words.
 * @param {string | undefined} version of glibc; undefined where the system has another library
 * @returns {string | undefined}
 */
export function oldLibrary(version) {
  const [major, minor] = (version || '2.34').split('.').map(Number)
  if (major > 2 || (major === 2 && minor >= 34)) return undefined
  return `Engram Studio needs the C library glibc 2.34 or newer, as Debian 12, Ubuntu 22.04 and RHEL 9 have it; this is ${version}.`
}

/** @returns {string | undefined} */
function glibc() {
  if (process.platform !== 'linux' || !process.report) return undefined
  process.report.excludeNetwork = true
  return process.report.getReport().header.glibcVersionRuntime
}

/**
 * Why the scripts cannot work, as one sentence, or undefined.
 * @param {string} root the folder of package.json
 * @param {string} version of the Node that runs this
 * @param {string | undefined} agent what started it: `npm_config_user_agent`
 * @returns {string | undefined}
 */
export function obstacle(root, version, agent) {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const needs = `Engram Studio needs Node ${/\d+\.\d+/.exec(engines.node)} or newer`
  const modules = join(root, 'node_modules')
  if (!existsSync(join(modules, 'vite')))
    return existsSync(modules)
      ? 'The packages are not all there: run npm ci, without --omit.'
      : 'Nothing is installed yet: run npm ci first.'
  const bindings = join(modules, '@rolldown')
  const bundled = existsSync(bindings) && readdirSync(bindings).some((name) => name.indexOf('binding-') === 0)
  if (!bundled) {
    const [, installer] = /\bnode\/v?(\S+)/.exec(agent || '') || []
    const old = installer && !satisfies(installer, '^20.19.0 || >=22.12.0')
    return old
      ? `${needs}: npm ran on Node ${installer} and left out the build tool's program for this machine. Install a newer Node, then run npm ci again.`
      : "The build tool's program for this machine is missing: run npm ci again, on Node 22.18 or newer and without --omit."
  }
  if (satisfies(version, engines.node)) return undefined
  const brought = join(modules, 'node')
  const how = existsSync(brought)
    ? 'The npm package "node" brings one: run npm ci without --ignore-scripts.'
    : 'Install it from https://nodejs.org (the npm package "node" has none for this machine).'
  return `${needs}; this is ${version}. ${how}`
}

/**
 * npm hands a signal on to its shell alone, and the shell ends without a word to us: who has lost the shell was told to
 * end. Only under npm: a program put into the background outlives its terminal.
 */
function endWithShell() {
  const shell = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  watch.unref()
}

/**
 * What Node has compiled is kept, for this process and all that it starts: a command begins in half the time. Beside the
 * packages, where nobody else can write; where we cannot either, everything is compiled each time.
 * @param {string} root the folder of package.json
 */
function keepCompiled(root) {
  if (!nodeModule.enableCompileCache) return
  process.env.NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE || join(root, 'node_modules/.cache/compiled')
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE)
}

const here = fileURLToPath(import.meta.url)
if (process.argv[1] && resolve(process.argv[1]) === here) {
  const { npm_config_user_agent: agent, npm_lifecycle_event: event } = process.env
  const problem =
    foreignInstaller(agent) ||
    (event === 'preinstall' ? undefined : obstacle(resolve(here, '../..'), process.versions.node, agent)) ||
    oldLibrary(glibc())
  if (problem) {
    process.stderr.write(`${problem}\n`)
    process.exit(1)
  }
  process.argv.splice(1, 1)
  if (process.argv[1]) {
    keepCompiled(resolve(here, '../..'))
    if (event && process.platform !== 'win32') endWithShell()
    process.argv[1] = resolve(process.argv[1])
    import(pathToFileURL(process.argv[1]).href)
  }
}
