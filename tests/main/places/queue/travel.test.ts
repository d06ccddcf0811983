import { randomBytes } from 'node:crypto'
import { readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { connect } from '../../../../src-main/places/queue/connect.ts'
import { prefix } from '../../../../src-main/places/queue/keys.ts'
import { writeSafetensors } from '../../../../src-main/tensors/weights/files.ts'
import { redisReason, withoutRedis } from '../../../support/redis.ts'
import { ended } from '../../studio/support.ts'
import { bench, here, start, until } from '../queue-bench.ts'
import { numbers, training } from '../queue-support.ts'

vi.setConfig({ testTimeout: 240_000 })

const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64')

describe.skipIf(withoutRedis)(`what batches need beside themselves, over the queue${redisReason}`, () => {
  it('weights and imported vectors go there once, by content, and give what this computer gives', async () => {
    const place = await bench()
    const studio = await place.studio()
    const { handlers } = studio
    const numbersIn = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(i * i))
    const own = ['W_K_fast', 'W_V_fast', 'W_Q_fast'].map(
      (name, i) => [name, { shape: [8, 8], data: numbersIn(64 + i).slice(i) }] as const
    )
    const { file } = await handlers['weights.import']({
      name: 'mine.safetensors',
      content: base64(writeSafetensors(new Map(own)))
    })
    const rows = Array.from({ length: 12 }, (_, i) => [...numbersIn(96).slice(8 * i, 8 * i + 8)].join(','))
    const { hash } = await handlers['vectors.import']({ name: 'rows.csv', content: base64(rows.join('\n')) })
    const experiment = {
      format: 'engram-experiment/1',
      name: 'With weights',
      task: { kind: 'capacity', params: { dim: 8, source: 'embedding', vectors: hash } },
      models: [{ kind: 'hopfield' }, { kind: 'fast-weights', weights: file }],
      sweep: [{ param: 'task.items', values: [2, 6] }],
      seeds: { first: 0, count: 8 },
      backend: 'wasm'
    }
    const redis = await connect(place.server.address)
    onTestFinished(() => redis.disconnect())
    const one = await place.worker()
    const id = await start(studio, experiment)
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 32 })
    expect(await numbers(studio, id)).toEqual(await here(studio, experiment))
    const sent = (await redis.keys(`${prefix}:asset:*`)).map((key) => key.split(':').at(-1)).sort()
    expect(sent).toHaveLength(2)
    expect(sent).toContain(hash)
    const kept = (name: string): string[] => readdirSync(join(place.folder, 'worker-1', name))
    expect(kept('vectors')).toEqual([`${hash}.npy`])
    expect(kept('weights')).toEqual([`${sent.find((one) => one !== hash)}.safetensors`])
    // It is there: neither the studio sends it again, nor the worker asks for it.
    await one.finish()
    await redis.set(`${prefix}:asset:${hash}`, 'damaged')
    const more = { ...experiment, seeds: { first: 100, count: 8 } }
    const again = await start(studio, more)
    await place.worker()
    // A worker that has not got it yet is given what is not of that name, and does not compute with it.
    expect(await studio.until(again, ended)).toMatchObject({ status: 'failed', done: 0, error: { code: 'bad-file' } })
    await redis.del(`${prefix}:asset:${hash}`)
    await handlers['runs.resume']({ id: again })
    expect(await studio.until(again, ['done'])).toMatchObject({ done: 32 })
    expect(await numbers(studio, again)).toEqual(await here(studio, more))
  })

  it('what is larger than 64 MiB is refused by name, before anything goes there', async () => {
    const place = await bench()
    const studio = await place.studio()
    const { handlers } = studio
    const { hash } = await handlers['vectors.import']({ name: 'eye.csv', content: base64('1,0\n0,1') })
    const large = join(place.folder, 'studio', 'vectors', `${hash}.npy`)
    writeFileSync(large, randomBytes(64), { flag: 'a' })
    truncateSync(large, 64 * 2 ** 20 + 1)
    const id = await start(studio, {
      format: 'engram-experiment/1',
      name: 'Too large',
      task: { kind: 'capacity', params: { items: 2, dim: 2, source: 'embedding', vectors: hash } },
      models: [{ kind: 'hopfield' }],
      seeds: [1]
    })
    const { error } = await studio.until(id, ended)
    expect(error).toMatchObject({ code: 'too-large', file: large })
    expect(error!.message).toContain('64 MiB')
    expect(await handlers['computers.queue']({})).toMatchObject({ waiting: 0, computing: 0 })
  })

  it('a training that is paused goes back to the queue with what it has learned, and goes on there', async () => {
    const place = await bench()
    const studio = await place.studio()
    await place.worker()
    const long = { ...training, task: { ...training.task, params: { ...training.task.params, steps: 400 } } }
    const id = await start(studio, long)
    const steps = (): number[] =>
      studio.all('run.points').flatMap(({ runId, curves }) => (runId === id ? curves.flatMap(({ x }) => x) : []))
    await until(() => Math.max(0, ...steps()) > 20)
    await studio.handlers['runs.pause']({ id })
    await until(async () => (await studio.handlers['computers.queue']({})).workers[0].batches.length === 0)
    expect(await studio.handlers['runs.get']({ id })).toMatchObject({ status: 'paused', done: 0 })
    const before = steps().length
    await studio.handlers['runs.resume']({ id })
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 2 })
    expect(Math.min(...steps().slice(before))).toBeGreaterThan(5)
    expect(await numbers(studio, id)).toEqual(await here(studio, long))
  })
})
