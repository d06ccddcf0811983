import { describe, expect, it } from 'vitest'
import { driverAdvice, loadProblem } from '../../../../src-main/tensors/backends/backend.ts'

describe('loadProblem', () => {
  // In the words of glibc's and Windows' loaders.
  it.each([
    [
      'an old C library',
      "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /app/dawn.node)",
      'linux',
      /glibc 2\.34 or newer/
    ],
    [
      'Windows without the runtime of Visual C++',
      '\\\\?\\C:\\app\\dawn.node: The specified module could not be found.\n',
      'win32',
      /Visual C\+\+ Redistributable/
    ],
    [
      'a missing library',
      'libcudart.so.11.0: cannot open shared object file: No such file or directory',
      'linux',
      /^The library libcudart\.so\.11\.0 is missing/
    ]
  ] as const)('says what mends %s', (_what, said, platform, sentence) =>
    expect(loadProblem(new Error(said), platform)).toMatch(sentence)
  )
  it('hands on the first line of anything else', () => {
    expect(loadProblem(new Error('It broke.\n    at x'), 'linux')).toBe('It broke.')
    expect(loadProblem(new Error('The specified module could not be found.'), 'linux')).not.toContain('Visual')
  })
})

it('driverAdvice names each system’s own', () => {
  expect(driverAdvice('linux')).toContain('Vulkan')
  expect(driverAdvice('win32')).toContain('Direct3D')
  expect(driverAdvice('darwin')).toContain('Metal')
})
