import * as tf from '@tensorflow/tfjs'
import type { KernelConfig, KernelFunc } from '@tensorflow/tfjs'

/**
 * Put a kernel in the place of one that a backend has; nothing happens where it has none. Call it once a name and mend, after the
 * backend's package is imported: what is replaced twice keeps both.
 * @param instead is given the call, and the kernel that was there
 */
export function replaceKernel(
  name: string,
  backend: string,
  instead: (args: Parameters<KernelFunc>[0], own: KernelFunc) => ReturnType<KernelFunc>
): void {
  const kernel = tf.getKernel(name, backend) as KernelConfig | undefined
  if (!kernel) return
  const own = kernel.kernelFunc
  tf.unregisterKernel(name, backend)
  tf.registerKernel({ ...kernel, kernelFunc: (args) => instead(args, own) })
}
