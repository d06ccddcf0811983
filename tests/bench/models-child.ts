/**
 * One core of the whole job of `npm run bench -- models`: answers lines with lines of JSON. `batch N` says how many seeds are
 * computed at once, `MODEL` makes a memory and runs it once, `go` runs the last one and says how long it took by the clock,
 * `product` multiplies matrices for a while and says how fast.
 */
import { createInterface } from 'node:readline'
import { useBackend } from '../../src-main/tensors/backends/index.ts'
import { registry } from '../support/drive-memory.ts'
import { clockTime, items, productSpeed, threadTime, TimedMemory, total } from '../support/timed-memory.ts'

await useBackend('wasm')
let batch = 1
let memory: TimedMemory | undefined

async function answer(line: string): Promise<unknown> {
  if (line.startsWith('batch ')) return (batch = Number(line.slice(6)))
  if (line === 'product') return productSpeed(500, clockTime)
  if (line === 'go') {
    const cpu = threadTime()
    const wall = total(await memory!.once(items, clockTime)) * batch
    return { wall, cpu: threadTime() - cpu }
  }
  memory?.dispose()
  memory = new TimedMemory(registry.model(line), batch)
  await memory.once(items, clockTime)
  return null
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(line)))
process.exit(0)
