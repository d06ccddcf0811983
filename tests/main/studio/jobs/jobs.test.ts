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
  const told: { document: Count; at: number }[] = []
  const about = { full: false, givenUp: 0 }
  const jobs = new Jobs<Count>({
    what: 'count',
    save(document) {
      if (about.full) throw new StudioError('disk-full', 'The disk is full.')
      store.set(document.id, structuredClone(document))
    },
    tell: (document) => void told.push({ document, at: performance.now() }),
    giveUp: () => Promise.resolve(about.givenUp++),
    everyMs
  })
  return { jobs, store, told, about, stored: () => [...store.values()] }
}
const forEver = async (job: Job<Count>): Promise<void> => {
  while (!job.cancelled) await new Promise((go) => setTimeout(go, 1))
}
const end = (jobs: Jobs<Count>): Promise<void> => vi.waitFor(() => expect(jobs.current).toBeUndefined())
const codeOf = (refused: Promise<unknown>): Promise<string> =>
  refused.then(
    () => 'accepted',
    (error: StudioError) => error.data.code
  )

describe('a job', () => {
  it('is stored at every step and told at most twenty times a second, first and last among them', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const { jobs, store, told } = room()
      await jobs.start(count(), async (job) => {
        for (let i = 0; i < 1000; i++) {
          job.document.steps++
          job.progress()
          expect(store.get('A')?.steps).toBe(i + 1)
          await vi.advanceTimersByTimeAsync(1)
        }
      })
      await vi.waitFor(() => expect(jobs.current).toBeUndefined())
      expect(told.length).toBeGreaterThan(15)
      // The end waits for nothing.
      const apart = told.slice(1, -1).map(({ at }, i) => at - told[i].at)
      expect(Math.min(...apart)).toBeGreaterThanOrEqual(50)
      expect(told[0].document).toEqual(count())
      expect(told.at(-1)!.document).toEqual({ ...count(), status: 'done', steps: 1000 })
    } finally {
      vi.useRealTimers()
    }
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
    expect([store.size, told.length, jobs.current]).toEqual([0, 0, undefined])
  })

  it('is interrupted when the studio closes, with the reason stored and told alike', async () => {
    const { jobs, store, told } = room()
    await jobs.start(count(), forEver)
    jobs.close()
    expect(store.get('A')).toMatchObject({ status: 'interrupted', error: { code: 'cancelled' } })
    expect(told.at(-1)!.document).toEqual(store.get('A'))
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
    expect(told.at(-1)!.document).toMatchObject(wanted)
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
