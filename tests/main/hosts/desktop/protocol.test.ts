import { describe, expect, it, vi } from 'vitest'
import { declareScheme, serveScheme } from '../../../../src-main/hosts/desktop/protocol.ts'
import { forbiddenPaths, makeRenderer } from '../folder.ts'
import { protocol, schemes } from './stand-in.ts'

vi.mock('electron', () => import('./stand-in.ts'))

const root = makeRenderer()

serveScheme(root)
const ask = (url: string, method = 'GET'): Promise<Response> => schemes.get('app')!({ url, method } as Request)

describe('app://', () => {
  it('is a secure, standard scheme without further rights', () => {
    declareScheme()
    expect(protocol.registerSchemesAsPrivileged).toHaveBeenCalledWith([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }
    ])
  })

  it('hands out the page with its security headers', async () => {
    const response = await ask('app://studio/index.html')
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<title>Page</title>')
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it.each(forbiddenPaths)('finds nothing at %s', async (path) => {
    const response = await ask(`app://studio${path}`)
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('')
  })

  it('refuses another host and another method', async () => {
    expect((await ask('app://other/index.html')).status).toBe(403)
    expect((await ask('app://studio/index.html', 'POST')).status).toBe(403)
  })
})
