/** The renderer's files, for the app:// protocol and the loopback server alike: what may be read, and with which headers. */
import { readFile, realpath } from 'node:fs/promises'
import { extname, resolve, sep } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf'
}

/**
 * What a page may do. Nothing is allowed that is not named; scripts are files of our own, never inline. `style-src-attr`
 * lets KaTeX place the parts of a formula; a style attribute can load nothing that img-src and font-src do not allow.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "font-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache'
}

export interface Asset {
  type: string
  content: Buffer
}

/**
 * The file a request path names, or undefined for everything that is not a plain file of a known type inside the root:
 * the leading slash is stripped before resolving, the path is decoded once, links are resolved before the comparison.
 * @param root the renderer's folder
 * @param path the path of the URL, still encoded: `/assets/index.js`
 */
export async function readAsset(root: string, path: string): Promise<Asset | undefined> {
  let name: string
  try {
    name = decodeURIComponent(path).replace(/^\//, '') || 'index.html'
  } catch {
    return undefined
  }
  const type = types[extname(name)]
  if (type === undefined || /[\\\0]/.test(name)) return undefined
  try {
    const [file, folder] = await Promise.all([realpath(resolve(root, name)), realpath(root)])
    if (!file.startsWith(folder + sep)) return undefined
    return { type, content: await readFile(file) }
  } catch {
    return undefined
  }
}
