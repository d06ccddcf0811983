/** A process that asks one backend whether it runs here: a driver that crashes ends only this. */
import { endWithParent } from '../watch.ts'
import { tensorflow } from '../../tensors/backends/tensorflow.ts'
import { webgpu } from '../../tensors/backends/webgpu.ts'

endWithParent()
const backend = [tensorflow, webgpu].find(({ name }) => name === process.argv[2])
process.send?.(await backend?.detect())
