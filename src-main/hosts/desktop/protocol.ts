/** app://studio/...: the renderer's files, and nothing else, under one origin with its own security headers. */
import { app, protocol } from 'electron'
import { readAsset, securityHeaders } from '../assets.ts'

export const scheme = 'app'
export const origin = 'app://studio'

/** While developing, `npm run dev` serves the page and loads it anew as its sources change; a package knows no other page. */
function devServer(): URL | undefined {
  const address = process.env.ELECTRON_RENDERER_URL
  return app.isPackaged || !address ? undefined : new URL(address)
}

/** Where the window finds its page. */
export const pageAddress = (): string => devServer()?.href ?? `${origin}/index.html`

/** Whether an address is of the page that `npm run dev` serves: it may load itself anew. */
export const isDevelopersPage = (url: string): boolean =>
  devServer() !== undefined && URL.canParse(url) && new URL(url).origin === devServer()?.origin

/** The one origin whose page may call the studio. */
export const pageOrigin = (): string => devServer()?.origin ?? origin

/** Before the app is ready: make app:// a secure origin of its own kind. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }
  ])
}

/** Answer app:// from the renderer's folder. */
export function serveScheme(rendererRoot: string): void {
  protocol.handle(scheme, (request) => answer(request, rendererRoot))
}

async function answer(request: Request, root: string): Promise<Response> {
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.host !== 'studio') return new Response(null, { status: 403 })
  const asset = await readAsset(root, url.pathname)
  if (!asset) return new Response(null, { status: 404, headers: securityHeaders })
  return new Response(new Uint8Array(asset.content), { headers: { ...securityHeaders, 'Content-Type': asset.type } })
}
