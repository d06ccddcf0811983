import { expect, test } from 'vitest'
import { kernelStatus } from '../../../../src-main/tensors/kernels/index.ts'
import { findKernels } from '../../../../src-main/tensors/kernels/load.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

test('after a build the kernels are there, and the status names the variant', () => {
  expect(kernelStatus()).toMatchObject({ available: true })
  expect(kernelStatus().detail).toMatch(/^slots(-relaxed)?\.wasm$/)
})

test('where they were not built, the loader says how to build them', () => {
  const empty = temporaryFolder('kernels')
  expect(findKernels(empty)).toEqual({ reason: 'not built: run npm run build' })
})
