import { describe, expect, it, vi } from 'vitest'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import { Jobs, type Job, type JobDocument } from '../../../../src-main/studio/jobs/jobs.ts'

interface Count extends JobDocument {
  steps: number
}
const count = (id = 'A'): Count => ({ id, status: 'running', error: null, steps: 0 })

/** Jobs over a store in memory that can be full. */
function room(everyMs?: number) {
  const store = new Map<string, Count>()
  const told: Count[] = []
  const about = { full: false, givenUp: 0 }
  const jobs = new Jobs<Count>({
    what: 'count',
    save(document) {
      if (about.full) throw new StudioError('disk-full', 'The disk is full.')
      store.set(document.id, structuredClone(document))
    },
    tell: (document) => void told.push(structuredClone(document)),
    giveUp: () => Promise.resolve(about.givenUp++),
    everyMs
  })
  return { jobs, store, told, about, stored: () => [...store.values()] }
}
const forEver = async (job: Job<Count>): Promise<void> => {
  while (!job.cancelled) await new Promise((go) => setTimeout(go, 1))
}
const end = (jobs: Jobs<Count>): Promise<void> => vi.waitFor(() => expect(jobs.active).toEqual([]))
const codeOf = (refused: Promise<unknown>): Promise<string> =>
  refused.then(
    () => 'accepted',
    (error: StudioError) => error.data.code
  )

describe('a job', () => {
  it('is stored and told at every step, first and last among them', async () => {
    const { jobs, store, told } = room()
    await jobs.start(count(), async (job) => {
      for (let i = 0; i < 3; i++) {
        await Promise.resolve()
        job.document.steps++
        job.progress()
        expect(store.get('A')?.steps).toBe(i + 1)
      }
    })
    await end(jobs)
    expect(told.map(({ status, steps }) => [status, steps])).toEqual([
      ['running', 0],
      ['running', 1],
      ['running', 2],
      ['running', 3],
      ['done', 3]
    ])
  })

  it('that is large is stored no more often than it may be, and as it ended', async () => {
    const { jobs, store, told } = room(60_000)
    await jobs.start(count(), async (job) => {
      await Promise.resolve()
      job.document.steps = 1
      job.progress()
      expect(store.get('A')?.steps).toBe(0)
    })
    await end(jobs)
    expect(told.map(({ steps }) => steps)).toEqual([0, 1])
    expect(store.get('A')).toMatchObject({ status: 'done', steps: 1 })
  })

  it('refuses a second one beside it, and another once it has ended is welcome', async () => {
    const { jobs, about } = room()
    await jobs.start(count(), forEver)
    expect(await codeOf(jobs.start(count('B'), forEver))).toBe('conflict')
    expect(await codeOf(jobs.cancel('B'))).toBe('not-found')
    await jobs.cancel('A')
    await end(jobs)
    expect(about.givenUp).toBe(1)
    expect(await codeOf(jobs.cancel('A'))).toBe('not-found')
    expect(await jobs.start(count('B'), () => Promise.resolve())).toBe('B')
  })

  it('ends as cancelled, also when what it gave up throws; as failed when its work throws, with the reason', async () => {
    const { jobs, store } = room()
    await jobs.start(count(), async (job) => {
      await forEver(job)
      throw new StudioError('cancelled', 'Given up.')
    })
    await jobs.cancel('A')
    await end(jobs)
    expect(store.get('A')).toMatchObject({ status: 'cancelled', error: null })
    await jobs.start(count('B'), () => Promise.reject(new StudioError('engine-failed', 'No more.')))
    await end(jobs)
    expect(store.get('B')).toMatchObject({ status: 'failed', error: { code: 'engine-failed', message: 'No more.' } })
  })

  it('that cannot begin leaves nothing behind and room for the next', async () => {
    const { jobs, store, told } = room()
    const refused = () => Promise.reject(new StudioError('backend-unavailable', 'Not here.'))
    expect(await codeOf(jobs.start(count(), forEver, refused))).toBe('backend-unavailable')
    expect([store.size, told.length, jobs.active]).toEqual([0, 0, []])
  })

  it('is interrupted when the studio closes, with the reason stored and told alike', async () => {
    const { jobs, store, told } = room()
    await jobs.start(count(), forEver)
    jobs.close()
    expect(store.get('A')).toMatchObject({ status: 'interrupted', error: { code: 'cancelled' } })
    expect(told.at(-1)!).toEqual(store.get('A'))
    await end(jobs)
    expect(store.get('A')?.status).toBe('interrupted')
  })

  it('whose end cannot be stored is interrupted with that reason, wherever one looks', async () => {
    const { jobs, told, about, stored } = room()
    await jobs.start(count(), async (job) => {
      job.document.steps = 1
      job.progress()
      about.full = true
      job.progress()
    })
    await end(jobs)
    const wanted = { id: 'A', steps: 1, status: 'interrupted', error: { code: 'disk-full' } }
    expect(told.at(-1)!).toMatchObject(wanted)
    expect(stored()[0].status).toBe('running')
    expect(jobs.shown(stored())).toMatchObject([wanted])
  })

  it('that an earlier studio left running is shown as interrupted, with a reason', () => {
    const { jobs } = room()
    expect(jobs.shown([count(), { ...count('B'), status: 'done' }])).toMatchObject([
      { status: 'interrupted', error: { code: 'cancelled' } },
      { status: 'done', error: null }
    ])
  })
})

describe('jobs that wait for each other', () => {
  /** Each computes until it is let go; what is asked of the engine is written down. */
  function line(prepare: (document: JobDocument) => Promise<void> = () => Promise.resolve()) {
    const asked: string[] = []
    const letGo = new Map<string, () => void>()
    const jobs = new Jobs<JobDocument>({
      what: 'count',
      save() {},
      tell() {},
      giveUp: ({ id }) => letGo.get(id)?.(),
      turns: {
        prepare,
        hold: ({ id }) => asked.push(`hold ${id}`),
        goOn: ({ id }) => asked.push(`go on ${id}`)
      }
    })
    const documents = new Map<string, JobDocument>()
    const begin = async (id: string): Promise<void> => {
      const document: JobDocument = { id, status: 'queued', error: null }
      documents.set(id, document)
      await jobs.start(document, async (job) => {
        await job.turn(() => new Promise<void>((resolve) => letGo.set(id, resolve)))
        job.check()
      })
    }
    const expectStatus = (wanted: Record<string, string>): Promise<void> =>
      vi.waitFor(() =>
        expect(Object.fromEntries([...documents].map(([id, { status }]) => [id, status]))).toEqual(wanted)
      )
    return { jobs, asked, documents, begin, letGo, expectStatus }
  }

  it('compute one after the other, in the order in which they came', async () => {
    const { begin, letGo, expectStatus } = line()
    for (const id of ['A', 'B', 'C']) await begin(id)
    await expectStatus({ A: 'running', B: 'queued', C: 'queued' })
    letGo.get('A')!()
    await expectStatus({ A: 'done', B: 'running', C: 'queued' })
    letGo.get('B')!()
    await expectStatus({ A: 'done', B: 'done', C: 'running' })
  })

  it('let others by while they are paused, and go on when it is their turn again', async () => {
    const { jobs, asked, begin, letGo, expectStatus } = line()
    for (const id of ['A', 'B']) await begin(id)
    await expectStatus({ A: 'running', B: 'queued' })
    jobs.pause(jobs.get('A')!)
    await expectStatus({ A: 'paused', B: 'running' })
    jobs.resume(jobs.get('A')!)
    await expectStatus({ A: 'queued', B: 'running' })
    letGo.get('B')!()
    await expectStatus({ A: 'running', B: 'done' })
    expect(asked).toEqual(['hold A', 'go on A'])
  })

  it('end at once when they are cancelled before their turn, paused or not', async () => {
    const { jobs, asked, begin, expectStatus } = line()
    for (const id of ['A', 'B', 'C']) await begin(id)
    await expectStatus({ A: 'running', B: 'queued', C: 'queued' })
    jobs.pause(jobs.get('C')!)
    await jobs.cancel('B')
    await jobs.cancel('C')
    await expectStatus({ A: 'running', B: 'cancelled', C: 'cancelled' })
    // What has not begun is held nowhere.
    expect(asked).toEqual([])
  })

  it('are interrupted with the reason when they cannot be prepared, and the next has its turn', async () => {
    const { documents, begin, expectStatus } = line(({ id }) =>
      id === 'B' ? Promise.resolve() : Promise.reject(new StudioError('engine-crashed', 'Down.'))
    )
    await begin('A')
    await begin('B')
    await expectStatus({ A: 'interrupted', B: 'running' })
    expect(documents.get('A')!.error).toMatchObject({ code: 'engine-crashed', message: 'Down.' })
  })

  it('say when the last of them has ended', async () => {
    const { jobs, begin, letGo, expectStatus } = line()
    const idle = vi.fn()
    await begin('A')
    await expectStatus({ A: 'running' })
    jobs.whenIdle(idle)
    expect(idle).not.toHaveBeenCalled()
    letGo.get('A')!()
    await expectStatus({ A: 'done' })
    expect(idle).toHaveBeenCalledOnce()
    jobs.whenIdle(idle)
    expect(idle).toHaveBeenCalledTimes(2)
  })
})
