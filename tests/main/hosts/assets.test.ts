import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contentSecurityPolicy, readAsset } from '../../../src-main/hosts/assets.ts'
import { forbiddenPaths, linked, makeRenderer } from './folder.ts'

const root = makeRenderer()

describe('readAsset', () => {
  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/index.html', 'text/html; charset=utf-8'],
    ['/assets/index.js', 'text/javascript; charset=utf-8'],
    ['/assets/../index.html', 'text/html; charset=utf-8'],
    ['/%69ndex.html', 'text/html; charset=utf-8']
  ])('reads %s', async (path, type) => {
    expect((await readAsset(root, path))?.type).toBe(type)
  })

  it.skipIf(!linked(root))('reads what a link inside the folder leads to', async () => {
    expect((await readAsset(root, '/inside.js'))?.type).toBe('text/javascript; charset=utf-8')
  })

  it.each(forbiddenPaths)('finds nothing at %s', async (path) => {
    expect(await readAsset(root, path)).toBeUndefined()
  })

  it('finds nothing at an absolute path of a file that exists', async () => {
    const outside = join(root, '..', 'secret.json')
    writeFileSync(outside, '"secret"')
    expect(await readAsset(root, `/${outside}`)).toBeUndefined()
    expect(await readAsset(root, outside)).toBeUndefined()
    expect(await readAsset(root, encodeURIComponent(outside))).toBeUndefined()
  })
})

describe('the content security policy', () => {
  const rules = new Map(
    contentSecurityPolicy.split('; ').map((rule) => {
      const [name, ...values] = rule.split(' ')
      return [name, values]
    })
  )
  it('allows nothing that is not named', () => expect(rules.get('default-src')).toEqual(["'none'"]))
  it('runs scripts of our own files only', () => expect(rules.get('script-src')).toEqual(["'self'"]))
  it('lets images alone come from data: and blob:', () => {
    for (const [name, values] of rules) {
      if (name === 'img-src') expect(values).toEqual(["'self'", 'data:', 'blob:'])
      else expect(values.join(' ')).not.toMatch(/data:|blob:|https?:|\*|unsafe-eval/)
    }
  })
  it('allows inline only for style attributes', () => {
    for (const [name, values] of rules) expect(values.includes("'unsafe-inline'"), name).toBe(name === 'style-src-attr')
  })
})
