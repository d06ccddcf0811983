import { describe, expect, it } from 'vitest'
import { isAllowedLink } from '../../../src-main/hosts/links.ts'

describe('isAllowedLink', () => {
  it.each(['https://doi.org/10.1037/a0036137', 'https://arxiv.org/abs/2501.00663'])('lets %s out', (link) =>
    expect(isAllowedLink(link)).toBe(true)
  )
  it.each([
    'http://doi.org/x',
    'https://doi.org.example.com/x',
    'https://example.com/https://doi.org/',
    'https://doi.org@example.com/',
    'https://user:word@doi.org/',
    'https://doi.org:8443/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://doi.org/share',
    'doi.org',
    ''
  ])('keeps %s in', (link) => expect(isAllowedLink(link)).toBe(false))
})
